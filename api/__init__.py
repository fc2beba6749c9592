"""Every way in: HTTP, pages and the command line. No business rule lives here."""
