"""The marketing calendar: flights of media plans, and events that people enter."""
