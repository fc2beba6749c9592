"""Pages on which people set what the product works by."""
