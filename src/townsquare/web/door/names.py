"""What people are called, for lists of what they did."""

from collections.abc import Sequence

from townsquare.accounts import store as accounts
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId


async def names_of(db: Db, numbers: Sequence[int]) -> dict[int, str]:
    wanted = [AccountId(one) for one in dict.fromkeys(numbers) if one]
    found = await accounts.by_ids(db, wanted) if wanted else {}
    return {number: f"@{one.acct}" for number, one in found.items()}
