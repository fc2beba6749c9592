"""Files that people attach to their work: versions of creatives, invoices, screenshots and other proof."""

from planning.files.content import Content, FileFolder
from planning.files.store import FileStore, StoredFile, Subject

__all__ = ["Content", "FileFolder", "FileStore", "StoredFile", "Subject"]
