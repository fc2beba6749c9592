"""The load of call centres over HTTP."""
