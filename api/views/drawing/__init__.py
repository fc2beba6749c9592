"""Reports as pictures. Whoever imports it waits for matplotlib."""

from api.views.drawing.picture import picture
from api.views.drawing.sheet import WIDTH

__all__ = ["WIDTH", "picture"]
