"""Programs that send with client libraries as their makers ship them.

Each reads {"host", "writeKey", "flushAt", "calls": [[kind, message], …]} from standard input, and writes the failures
that its library reports as a JSON array.
"""
