"""The command line: one module a command."""

from api.cli.main import main

__all__ = ["main"]
