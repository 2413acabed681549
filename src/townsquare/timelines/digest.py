"""Digests: mail that tells what there was, by the day or by the week, of those who asked for it.

When one is due, its receiver's next time and the job that looks what is in it are written together; so are what is in
it and the job that sends it. So each comes once, also after a crash in between: only one between a mail server that has
taken it and our noting so sends it again, under the same Message-ID. Where nothing is to be told, nothing is sent.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import aiosmtplib
import msgspec
import structlog

from townsquare.auth.mail import deliver, is_for_good
from townsquare.db.pool import Database, Db
from townsquare.jobs import emit
from townsquare.kernel.ids import AccountId, first_id_of
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import best_tongue, tongue
from townsquare.statuses.read import Key
from townsquare.statuses.show import show
from townsquare.timelines import mail_choices, store_announcements, store_home, store_trends
from townsquare.timelines import store_digest as store
from townsquare.timelines.announcements import is_over
from townsquare.timelines.digest_events import DigestDue, DigestReady, PreviewAsked
from townsquare.timelines.digest_letter import Digest, write
from townsquare.timelines.digest_model import EACH, Choice, List, Told, may_be_told, next_after, since
from townsquare.timelines.filters import FilterCache, filtering_of
from townsquare.timelines.store_announcements import Announcement
from townsquare.timelines.store_digest import Letter, Reader

AT_ONCE: Final = 300
"""Digests that are begun in a minute."""
_A_SECOND: Final = 5
"""Those of a minute come by so many a second: no other message waits behind all of them."""
_LOOKED_AT: Final = 30
"""Posts of a list that are looked at, to find EACH that this reader may and wants to see."""
_OF_ONE: Final = 2
"""Posts by one author."""
_KEPT: Final = timedelta(days=60)

log = structlog.get_logger("mail")


async def choose(db: Db, account_id: int, chosen: Choice | None, now: datetime) -> None:
    """What somebody wants from now on; None or no list: none at all."""
    if chosen is None or not chosen.lists:
        await store.end(db, account_id)
    else:
        await store.choose(db, account_id, chosen, next_after(chosen, now))


async def move(db: Db, account_id: int, zone: str, now: datetime) -> None:
    """Somebody lives by another clock: theirs comes by it."""
    chosen = await store.choice(db, account_id)
    if chosen is not None and zone and zone != chosen.zone:
        await choose(db, account_id, msgspec.structs.replace(chosen, zone=zone), now)


async def unsubscribe(db: Db, token: str) -> None:
    """No more digests for whom the token was made. Raises NotFound."""
    await store.end(db, await mail_choices.owner_of(db, token, "digest"))


async def begin(db: Database, settings: Settings) -> None:
    """Periodic, each minute: those whose time has come. Where nothing can be sent, nobody's comes."""
    if not settings.mail.host or not settings.digest.lists:
        return
    now = datetime.now(UTC)
    async with db.transaction() as tx:
        due = await store.due(tx, now, AT_ONCE)
        if not due:
            return
        await store.put_off(tx, [one.account_id for one in due], [next_after(one, now) for one in due])
        for number in range(0, len(due), _A_SECOND):
            some = [DigestDue(one.account_id, one.due_at, one.every) for one in due[number : number + _A_SECOND]]
            await emit(tx, *some, at=now + timedelta(seconds=number // _A_SECOND))


async def gather(db: Database, settings: Settings, filters: FilterCache, events: Sequence[DigestDue]) -> None:
    """Effect of DigestDue: write down what is in it, if there is anything."""
    for event in events:
        reader = await store.reader(db, event.account_id)
        chosen = await store.choice(db, event.account_id)
        if reader is None or chosen is None:
            continue
        wanted: list[List] = [one for one in settings.digest.lists if one in chosen.lists]
        letter = await _chosen(db, settings, filters, event, reader, wanted)
        if not letter.posts and not letter.announcements:
            continue
        async with db.transaction() as tx:
            if await store.write(tx, letter):
                await emit(tx, DigestReady(event.account_id, event.due_at))


async def preview(db: Database, settings: Settings, filters: FilterCache, events: Sequence[PreviewAsked]) -> None:
    """Effect of PreviewAsked: what a digest of now would say, with all lists; it counts as none."""
    for event in events:
        now = datetime.now(UTC)
        reader = await store.reader(db, event.account_id, asked=True)
        if reader is not None:
            due = DigestDue(event.account_id, now, event.every)
            letter = await _chosen(db, settings, filters, due, reader, list(settings.digest.lists))
            digest = await _as_it_stands(db, settings, filters, letter, reader, now)
            await deliver(settings.mail, write(digest, settings))


async def _chosen(
    db: Db, settings: Settings, filters: FilterCache, event: DigestDue, reader: Reader, wanted: Sequence[List]
) -> Letter:
    """What comes in: no post that came before, and none twice. One that is late tells of the time since, too."""
    me, start, end = event.account_id, since(event.due_at, event.every), datetime.now(UTC)
    told = await store.told_of(db, me, event.due_at - _KEPT)
    pick = partial(_pick, db, filters, me)
    followed: list[Told] = []
    popular: list[Told] = []
    if "follows" in wanted:
        followed = await pick(await _of_followed(db, me, start, end), "home", told)
    if "popular" in wanted and settings.trends.enabled:
        languages = (reader.posting or reader.language,)
        trending = await store_trends.trending_statuses(db, store_trends.Page(_LOOKED_AT, languages=languages))
        popular = await pick(trending, "public", {*told, *(int(one.id) for one in followed)})
    announced = await _announced(db, me, start, end) if "announcements" in wanted else []
    keys = [one.key for one in (*followed, *popular)]
    return Letter(
        me,
        event.due_at,
        event.every,
        [author for author, _ in keys],
        [number for _, number in keys],
        len(followed),
        [one.id for one in announced],
    )


async def _of_followed(db: Db, me: int, start: datetime, end: datetime) -> list[Key]:
    """Asked of the authors, and not of the home timeline: who comes seldom has none."""
    sources = await store_home.followed_among(db, me, await store_home.follows_of(db, me))
    return await store.best_of(db, sources, _id_at(start), _id_at(end), _OF_ONE, _LOOKED_AT) if sources else []


def _id_at(at: datetime) -> int:
    return first_id_of(int(at.timestamp() * 1000))


async def _pick(
    db: Db, filters: FilterCache, me: int, keys: Sequence[Key], context: str, told: Iterable[int]
) -> list[Told]:
    known = set(told)
    fresh = [key for key in keys if key.id not in known and key.account_id != me]
    return [one for one in await _read(db, filters, me, fresh) if may_be_told(one, context)][:EACH]


async def _read(db: Db, filters: FilterCache, me: int, keys: Sequence[Key]) -> list[Told]:
    """Those of the posts that the reader may see, of people whom they have neither muted nor blocked."""
    shown = await show(db, me, keys, filtering=filtering_of(db, filters, me))
    return [msgspec.json.decode(one, type=Told) for one in shown]


async def _announced(db: Db, me: int, start: datetime, end: datetime) -> list[Announcement]:
    """What was announced since, is not over, and was not dismissed."""
    current = [
        one
        for one in await store_announcements.published(db)
        if one.published_at is not None and start <= one.published_at and not is_over(one, end)
    ]
    known = await store_announcements.read_by(db, AccountId(me), [one.id for one in current])
    known |= await store.announced_in(db, me)
    return [one for one in current if one.id not in known]


async def send(db: Database, settings: Settings, filters: FilterCache, events: Sequence[DigestReady]) -> None:
    """Effect of DigestReady. Raises what the mail server did, unless it will never take the address."""
    for event in events:
        letter = await store.unsent(db, event.account_id, event.due_at)
        reader = await store.reader(db, event.account_id)
        if letter is None or reader is None:
            continue
        now = datetime.now(UTC)
        digest = await _as_it_stands(db, settings, filters, letter, reader, now)
        try:
            if digest.followed or digest.popular or digest.announced:
                await deliver(settings.mail, write(digest, settings))
        except aiosmtplib.SMTPException as error:
            if not is_for_good(error):
                raise
            log.warning("the mail server refuses an address", letter="digest", account_id=event.account_id)
        await store.sent(db, event.account_id, event.due_at, now)


async def _as_it_stands(
    db: Db, settings: Settings, filters: FilterCache, letter: Letter, reader: Reader, now: datetime
) -> Digest:
    """What was chosen, as it is now: without what was deleted since, or is kept from the reader."""
    followed = await _read(db, filters, letter.account_id, letter.keys[: letter.followed])
    popular = await _read(db, filters, letter.account_id, letter.keys[letter.followed :])
    announced = [one for one in await store_announcements.published(db) if one.id in set(letter.announcements)]
    token = mail_choices.make_token(db, letter.account_id, "digest")
    return Digest(
        tongue=tongue(best_tongue([reader.language, *settings.languages])),
        zone=reader.zone,
        due_at=letter.due_at,
        sent_at=now,
        every=letter.every,
        to=reader.email,
        account_id=letter.account_id,
        followed=[one for one in followed if may_be_told(one, "home")],
        popular=[one for one in popular if may_be_told(one, "public")],
        announced=[one.text for one in announced if not is_over(one, now)],
        end=f"{settings.public_url}/unsubscribe/digest/{token}",
    )


async def sweep(db: Database) -> None:
    """Periodic: what stood in digests of long ago may be told again."""
    await store.sweep(db, datetime.now(UTC) - _KEPT)
