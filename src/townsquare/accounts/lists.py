"""Lists: timelines of some of the people whom one follows."""

from collections.abc import Sequence

import msgspec

from townsquare.accounts import store_lists
from townsquare.accounts.store_lists import ListRow, RepliesPolicy
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.text import BadText, normalise
from townsquare.kernel.words import Words

MOST_LISTS = 50
TITLE_LENGTH = 255


class ListEntity(msgspec.Struct, frozen=True):
    """Mastodon's List entity."""

    id: str
    title: str
    replies_policy: RepliesPolicy
    exclusive: bool


def entity(row: ListRow) -> ListEntity:
    """The list as clients see it."""
    return ListEntity(str(row.id), row.title, row.replies_policy, row.exclusive)


async def show(db: Db, me: AccountId, list_id: int) -> ListRow:
    """Raises NotFound, also for the list of somebody else."""
    row = await store_lists.one(db, me, list_id)
    if row is None:
        raise NotFound
    return row


async def create(
    tx: Tx, me: AccountId, title: str, *, replies_policy: RepliesPolicy = "list", exclusive: bool = False
) -> ListRow:
    """Raises Invalid for a wrong title, and where there are fifty lists."""
    row = ListRow(new_id(), check_title(title), replies_policy, exclusive)
    if len(await store_lists.lists(tx, me)) >= MOST_LISTS:
        raise Invalid(
            Words("Validation failed: You have reached the maximum number of lists (%(num)s)", num=MOST_LISTS)
        )
    await store_lists.insert(tx, me, row)
    return row


async def update(
    tx: Tx,
    me: AccountId,
    list_id: int,
    *,
    title: str | None = None,
    replies_policy: RepliesPolicy | None = None,
    exclusive: bool | None = None,
) -> ListRow:
    """Change what is not None. Raises NotFound or Invalid."""
    before = await show(tx, me, list_id)
    row = ListRow(
        before.id,
        before.title if title is None else check_title(title),
        before.replies_policy if replies_policy is None else replies_policy,
        before.exclusive if exclusive is None else exclusive,
    )
    await store_lists.update(tx, me, row)
    return row


async def delete(tx: Tx, me: AccountId, list_id: int) -> None:
    """Raises NotFound."""
    if not await store_lists.delete(tx, me, list_id):
        raise NotFound
    await store_lists.delete_members(tx, me, list_id)


async def add(tx: Tx, me: AccountId, list_id: int, members: Sequence[AccountId]) -> None:
    """Put people whom one follows (or has asked to follow), or oneself, into a list. Raises NotFound or Invalid."""
    await show(tx, me, list_id)
    wanted = list(dict.fromkeys(members))
    followed = {*await store_lists.followed(tx, me, wanted), me}
    if not followed.issuperset(wanted):
        raise NotFound("Only people whom you follow can be in a list: follow them first")
    if await store_lists.add(tx, me, list_id, wanted) < len(wanted):
        raise Invalid("Validation failed: Account has already been taken: it is in the list already")


async def remove(tx: Tx, me: AccountId, list_id: int, members: Sequence[AccountId]) -> None:
    """Raises NotFound for the list; who is not in it stays out."""
    await show(tx, me, list_id)
    await store_lists.remove(tx, me, list_id, members)


def check_title(title: str) -> str:
    """Raises Invalid."""
    try:
        text = " ".join(normalise(title).split())
    except BadText as error:
        raise Invalid(Words("Validation failed: Title: %(wrong)s", wrong=error.words)) from error
    if not text:
        raise Invalid("Validation failed: Title can't be blank")
    if len(text) > TITLE_LENGTH:
        raise Invalid(Words("Validation failed: Title is too long (maximum is %(num)s characters)", num=TITLE_LENGTH))
    return text
