"""Where in a timeline to go on."""

from townsquare.kernel.cursor import Cursor

__all__ = ["Cursor"]
