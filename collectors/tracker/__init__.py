"""The tracker of sites: its script, what it sends, and the telephone numbers that it shows."""
