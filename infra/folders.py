"""Folders that settings name."""

from pathlib import Path

from infra.errors import InvalidSettings


def make_folder(path: Path, setting: str) -> None:
    """Make the folder where it is missing. Raises `InvalidSettings`, naming the setting, where that cannot be."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidSettings(
            f"{setting}: the folder {path} cannot be made: {error.strerror}.",
            where=setting,
            help="Name a folder that this user may write into.",
        ) from error
