"""Plans and facts from the tables that people keep: XLSX and CSV, read, mapped, previewed, and then written at once."""
