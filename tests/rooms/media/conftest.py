"""What the tests of files share."""

from tests.support.seaweed import seaweed

__all__ = ["seaweed"]
