"""Sources: the systems that are connected, what is known of each, and how far it has been read."""
