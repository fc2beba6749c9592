"""Unpacking gzip piece by piece, of however many members it is."""

import zlib

from infra.errors import UnreadableBody


class Gunzip:
    def __init__(self) -> None:
        self._member = zlib.decompressobj(31)
        self._fed = False

    def unpack(self, data: bytes, most: int) -> bytes:
        """What is in `data`, at most `most` bytes of it: the caller stops there."""
        unpacked = bytearray()
        try:
            while data and len(unpacked) < most:
                if self._member.eof:
                    self._member = zlib.decompressobj(31)
                unpacked += self._member.decompress(data, most - len(unpacked))
                data = self._member.unused_data
                self._fed = True
        except zlib.error as error:
            raise UnreadableBody(f"The body is no gzip: {error}.", where="body") from error
        return bytes(unpacked)

    def finish(self) -> None:
        """Raises `UnreadableBody` where the packed body breaks off."""
        if self._fed and not self._member.eof:
            raise UnreadableBody("The packed body breaks off before its end.", where="body", help="Send it again.")
