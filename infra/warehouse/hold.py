"""Who holds an embedded data folder: chDB lets one process open it, so we ask before the engine does."""

import fcntl
import json
import os
from pathlib import Path
from typing import Self

from infra.errors import DataHeld
from infra.folders import make_folder


class FolderHold:
    """A lock on `<folder>.hold` that the operating system drops when the process ends, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, folder: Path, *, address: str) -> Self:
        """Hold `folder` and leave word where its holder answers. Raises `DataHeld`, `InvalidSettings`."""
        make_folder(folder.parent, "CLOSEDLOOP_WAREHOUSE")
        descriptor = os.open(_side_file(folder), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            holder = read_holder(folder)
            raise DataHeld(
                f"The data in {folder.parent} are held by process {holder.get('pid', '?')}, "
                f"which answers at {holder.get('address', 'an unknown address')}.",
                where="CLOSEDLOOP_DATA",
                help="Stop that process (Ctrl-C), or choose another folder with CLOSEDLOOP_DATA.",
                holder=str(holder.get("address", "")),
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "address": address}).encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1


def read_holder(folder: Path) -> dict[str, object]:
    """`pid` and `address` of the process that holds the folder; empty where nobody does."""
    try:
        found = json.loads(_side_file(folder).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _side_file(folder: Path) -> Path:
    return folder.with_name(folder.name + ".hold")
