"""HTTP routers, one subject a file."""
