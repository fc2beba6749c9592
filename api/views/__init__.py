"""Saved views of pages, and the mail that brings them to people at set times."""
