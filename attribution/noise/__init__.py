"""Bots, clicks counted twice, floods of calls and forged leads: found by rules, shown, and left out by rule."""
