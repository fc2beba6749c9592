"""The budget calculator over HTTP and on its page."""
