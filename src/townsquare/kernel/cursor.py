"""Where in a list to go on: Mastodon's three cursors."""

import msgspec

from townsquare.kernel.ids import LARGEST


class Cursor(msgspec.Struct, frozen=True):
    """`max_id`: below it, latest first. `since_id`: latest first, not below it. `min_id`: those just above it."""

    limit: int
    max_id: int = LARGEST
    since_id: int = 0
    min_id: int | None = None
    """None: not given, which is not the same as 0: that is where one begins who reads everything from the first on."""

    @property
    def lowest(self) -> int:
        return max(self.since_id, self.min_id or 0)

    @property
    def upwards(self) -> bool:
        """Whether those nearest to the lower end are wanted, and not the latest."""
        return self.min_id is not None
