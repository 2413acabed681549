"""The one door for programs that screen: what they say is written, with what it is about; cases follow from it."""

from datetime import datetime

from townsquare.accounts.model import invalid
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Conflict, NotFound
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.settings import Settings
from townsquare.moderation import kept
from townsquare.moderation.cases import store_policies
from townsquare.moderation.cases.model import SAYS
from townsquare.moderation.notices.addresses import tidy
from townsquare.moderation.notices.model import Item
from townsquare.moderation.notices.resolve import closed, person_numbered, post_numbered, thing_at
from townsquare.moderation.signals import store
from townsquare.moderation.signals.events import SignalGiven
from townsquare.moderation.signals.model import Draft, Signal, check_draft, source_of


async def give_signal(tx: Tx, settings: Settings, key_id: int, draft: Draft, now: datetime) -> Signal:
    """A program says of something under which policy it is wrong, and how sure it is.

    From `SAYS` on that opens a case, or joins the one that there is; below it counts when something is said by others.
    What the same version says of the same thing again takes the place of what it said. Raises Invalid, NotFound, or
    Conflict: a program of another key has this name and version.
    """
    check_draft(draft)
    policy = await _policy(tx, draft)
    found = await _thing(tx, settings, draft)
    if found is None:
        raise NotFound
    if not await store.speak(tx, source_of(draft), draft.name, draft.version, key_id, now):
        raise Conflict("A program with another key gives signals of this name and version")
    signal = await store.put(tx, _signal(closed(tx.keys, found), draft, policy, now))
    await kept.say_files(tx, signal.id, [signal])
    await emit(tx, SignalGiven(signal.id))
    return signal


def _signal(thing: Item, draft: Draft, policy: str, now: datetime) -> Signal:
    """What says too little to open a case keeps nothing of what it is about."""
    says = draft.score >= SAYS
    return Signal(
        id=new_id(now),
        kind=thing.kind,
        owner_id=thing.owner_id,
        item_id=thing.item_id,
        author_id=thing.author_id,
        policy=policy,
        source=source_of(draft),
        score=draft.score,
        made_at=now,
        private=thing.private,
        sealed=thing.sealed if says else None,
        file_keys=list(thing.file_keys) if says else [],
        prints=list(thing.prints) if says else [],
    )


async def _policy(db: Db, draft: Draft) -> str:
    """That which is named, or of which the rule is a case. Raises Invalid where there is none."""
    code, field = draft.policy, "policy"
    if draft.rule_id is not None:
        code, field = (await store_policies.of_rules(db, [draft.rule_id])).get(draft.rule_id, ""), "rule_id"
    if code not in {one.code for one in await store_policies.all_of_them(db) if one.ended_at is None}:
        raise invalid(field, ("ERR_INCLUSION", "is not that of a policy of this place"))
    return code


async def _thing(tx: Tx, settings: Settings, draft: Draft) -> Item | None:
    if draft.status_id is not None:
        return await post_numbered(tx, "", draft.status_id)
    if draft.account_id is not None:
        return await person_numbered(tx, "", AccountId(draft.account_id))
    return await thing_at(tx, settings, tidy(draft.url, settings.public_url))
