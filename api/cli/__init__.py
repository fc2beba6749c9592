"""The command line: one module a command."""

import gc

gc.disable()  # modules keep what they make: to look for garbage among it takes a quarter of a command's start
from api.cli.main import main  # noqa: E402

gc.freeze()
gc.enable()

__all__ = ["main"]
