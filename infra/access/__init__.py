"""Who may come in: users with their roles, sessions of browsers, and keys of programs."""
