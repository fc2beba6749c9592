"""Whether a workbook may be unpacked at all: everything is measured before anything is parsed.

What a ZIP file says of its sizes is not believed: each part is inflated and counted, and let go.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator

from infra.errors import UnreadableBody

_MOST_PARTS = 2000
_MOST_BYTES = 400 * 1024**2
_MOST_TIMES = 250
_SMALL = 4 * 1024**2
_CHUNK = 256 * 1024
_LOCAL_HEADER = 30


def check_archive(data: bytes) -> None:
    """Raises `UnreadableBody` for what is no ZIP file, is broken, or would grow beyond measure."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise broken(str(error)) from error
    if len(parts) > _MOST_PARTS:
        raise _too_large(f"it has {len(parts)} parts")
    if "[Content_Types].xml" not in {part.filename for part in parts}:
        raise UnreadableBody(
            "This is a ZIP archive, not a workbook.", where="file", help="Unpack it, and send the workbook within."
        )
    total = 0
    for part in parts:
        total += _size(data, part, _MOST_BYTES - total)


def broken(reason: str) -> UnreadableBody:
    return UnreadableBody(
        f"This is no XLSX workbook that can be read: {reason.rstrip('.')}.",
        where="file",
        help="Open it in a spreadsheet, save it as .xlsx anew, and send that.",
    )


def _size(data: bytes, part: zipfile.ZipInfo, most: int) -> int:
    if part.flag_bits & 1:
        raise UnreadableBody(
            "The workbook is protected by a password.", where="file", help="Save it without one, and send it again."
        )
    packed = _packed(data, part)
    if part.compress_type == zipfile.ZIP_STORED:
        return _checked(part, len(packed), len(packed), most)
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise broken(f"{part.filename} is packed in an unknown way")
    size = 0
    for length in _inflated(packed, part.filename):
        size = _checked(part, size + length, len(packed), most)
    return size


def _checked(part: zipfile.ZipInfo, size: int, packed: int, most: int) -> int:
    if size > most:
        raise _too_large(f"unpacked, it has more than {_MOST_BYTES // 1024**2} MiB")
    if size > max(packed, 1) * _MOST_TIMES and size > _SMALL:
        raise _too_large(f"its part {part.filename} grows more than {_MOST_TIMES} times when it is unpacked")
    return size


def _packed(data: bytes, part: zipfile.ZipInfo) -> memoryview:
    header = data[part.header_offset : part.header_offset + _LOCAL_HEADER]
    if len(header) < _LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
        raise broken(f"{part.filename} is missing")
    names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    start = part.header_offset + _LOCAL_HEADER + names
    return memoryview(data)[start : start + part.compress_size]


def _inflated(packed: memoryview, name: str) -> Iterator[int]:
    """How many bytes come out, a piece at a time."""
    unpacking = zlib.decompressobj(-15)
    rest: bytes | memoryview = packed
    try:
        while not unpacking.eof:
            piece = unpacking.decompress(rest, _CHUNK)
            rest = unpacking.unconsumed_tail
            if not piece and not rest:
                break
            yield len(piece)
    except zlib.error as error:
        raise broken(f"{name} is damaged") from error
    if not unpacking.eof:
        raise broken(f"{name} ends too early")


def _too_large(why: str) -> UnreadableBody:
    return UnreadableBody(
        f"The workbook is too large to be unpacked: {why}.",
        where="file",
        help="Copy the table alone into a new workbook, and send that.",
    )
