"""What kind of file somebody sent, whatever its name says."""

from enum import StrEnum

from infra.errors import UnreadableBody

_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HEAD = 4096


class FileKind(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


def kind_of(data: bytes) -> FileKind:
    """Raises `UnreadableBody` for what is neither a workbook nor a text, and says what to do about it."""
    head = data[:_HEAD]
    if not data.strip():
        raise _refused("The file is empty.", "Look whether it was saved, and send it again.")
    if head.startswith(_OLD_WORKBOOK):
        if _ENCRYPTED in data:
            raise _refused("The workbook is protected by a password.", "Save it without one, and send it again.")
        raise _refused("This is a workbook of Excel 97 to 2003 (.xls).", _SAVE_AS)
    if head.startswith(b"PK"):
        return _zipped(head)
    if head.startswith(b"%PDF"):
        raise _refused("This is a PDF, which has no cells.", _SAVE_AS)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise _refused("This is a web page or XML, whatever its name says.", f"Open it in a spreadsheet. {_SAVE_AS}")
    if _is_binary(head):
        raise _refused("This is neither a workbook nor a text.", _SAVE_AS)
    return FileKind.CSV


def _zipped(head: bytes) -> FileKind:
    if b"mimetypeapplication/vnd.oasis.opendocument" in head:
        raise _refused("This is an OpenDocument file.", _SAVE_AS)
    return FileKind.XLSX


def _is_binary(head: bytes) -> bool:
    return b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))


_SAVE_AS = "Save the table as .xlsx or .csv, and send that."


def _refused(message: str, advice: str) -> UnreadableBody:
    return UnreadableBody(message, where="file", help=advice)
