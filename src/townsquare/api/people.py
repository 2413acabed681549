"""What the routes about people share."""

from collections.abc import Sequence

from townsquare.api.door import Call
from townsquare.kernel.ids import AccountId, parse_id

MOST_IDS = 500


def target(call: Call, name: str = "id") -> AccountId:
    """The account whose id stands in the path. Raises NotFound."""
    return AccountId(call.id(name))


def reader(call: Call) -> AccountId | None:
    """Who reads, or None for nobody in particular."""
    return AccountId(call.viewer) if call.viewer else None


def account_ids(texts: Sequence[str]) -> list[AccountId]:
    """The ids among what was sent; what cannot be one is passed over, as what is not found is."""
    numbers = (parse_id(text) for text in texts[:MOST_IDS])
    return [AccountId(number) for number in numbers if number is not None]
