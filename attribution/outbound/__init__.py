"""Conversions handed back to ad systems, each once, so that they optimise for sales and not for clicks."""
