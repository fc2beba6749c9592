"""Lines that wait to be written, as the register keeps them."""

import zlib
from collections.abc import Mapping, Sequence

import orjson

from planning.grid import LineKey


def packed(lines: Mapping[LineKey, Sequence[int | None]]) -> bytes:
    return zlib.compress(orjson.dumps([[*key, list(values)] for key, values in lines.items()]), 1)


def unpacked(data: bytes) -> dict[LineKey, list[int | None]]:
    return {LineKey(*row[:-1]): row[-1] for row in orjson.loads(zlib.decompress(data))}
