"""The canonical events and every way in for them."""
