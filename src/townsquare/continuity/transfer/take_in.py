"""Archives that people bring along, taken in by a job: looked at as a whole first, then some posts at a time.

It may be cut off anywhere: what became of a post is written in the transaction that writes the post, by its address
where it comes from, so that no second run, and no second copy of the archive, brings it twice. Nobody is told of these
posts, and they stand at their own times.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import IO, Final

import msgspec
import structlog

from townsquare.accounts.store import by_id
from townsquare.continuity import lists_in
from townsquare.continuity import store_brought as brought
from townsquare.continuity.events import ArchiveBrought
from townsquare.continuity.lists_file import MOST_LINES, lines_of
from townsquare.continuity.transfer import from_mastodon, from_twitter, seal, store
from townsquare.continuity.transfer.from_mastodon import LISTS, TWICE
from townsquare.continuity.transfer.model import KEY, MESSAGES, Attached, Contents, Group, Hostile, Post, Visible
from townsquare.continuity.transfer.pack import Pack, opened
from townsquare.continuity.transfer.seal import Manifest
from townsquare.continuity.transfer.store import Outcome, Transfer
from townsquare.db.pool import Database, Db, Tx
from townsquare.jobs import emit
from townsquare.jobs.events import job_of
from townsquare.kernel.errors import Forbidden, Invalid, NotFound, Refused, TooMany, Unavailable
from townsquare.kernel.ids import AccountId, StatusId, new_id
from townsquare.kernel.keyring import KeyringError
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import N_
from townsquare.media.errors import ProcessingFailed, TooManyBytes
from townsquare.media.model import Attachment, State
from townsquare.media.sealed import fetch_sealed, put_sealed
from townsquare.media.storage import Store, delete_files, key_as_sent, new_prefix
from townsquare.media.upload import ALONE, settled, upload
from townsquare.statuses.model import Author, Draft, Visibility
from townsquare.statuses.places import status_of_url
from townsquare.statuses.post import post_status

AT_ONCE: Final = 100
MOST: Final = 1_000_000
"""Posts of one archive."""
CHARACTERS: Final = 100_000
"""Of a post from elsewhere, whatever the place lets people write."""
PATIENCE: Final = 600.0
"""Seconds that a film may take."""
FIRST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_TIME: Final = N_("It says that it was written in the future, or before there were such posts")
_GIVEN_UP: Final = N_(
    "It could not be taken in, though it was tried for hours; who runs the place can see why. Bring it again: what has "
    "come stays, and comes no second time"
)
_UNDER_WAY: Final = N_("An archive of yours is being taken in already. Wait until it is done")
_STRANGE: Final = N_("It is not among the posts that the archive says are yours")
_MANY: Final = N_("The post had more files than one can have here, or others beside a film or sound")
_MESSAGE: Final = N_("It was for some people alone, who are not known here by these names")

_BESIDE: Final = {MESSAGES: ("messages", ""), KEY: ("key", "")}

log = structlog.get_logger("transfer")


class Taking(msgspec.Struct, frozen=True):
    """One archive, open, for one person."""

    db: Database
    storage: Store
    settings: Settings
    me: Author
    pack: Pack
    told: Manifest | None
    contents: Contents


class Files(msgspec.Struct, frozen=True):
    """Of a post: those that were made, their names in the archive, and why others were not."""

    ids: Sequence[int] = ()
    names: Sequence[str] = ()
    left: Mapping[str, str] = {}


_NO_FILES: Final = Files()


async def bring(
    db: Database,
    storage: Store,
    me: AccountId,
    name: str,
    file: IO[bytes],
    size: int,
    visibility: Visible | None = None,
) -> int:
    """Keep an archive, sealed, to be taken in by a job; its id. Raises Invalid where another is under way.

    `visibility`: of posts of which the archive says none.
    """
    if any(one.finished_at is None for one in await store.of_account(db, me)):
        raise Invalid(_UNDER_WAY)
    key, now = key_as_sent(new_prefix("copies")), datetime.now(UTC)
    new = store.New(new_id(), name[:200] or "archive.zip", key, size, now, visibility)
    file.seek(0)
    await put_sealed(db.keys, storage, new.key, file)
    async with db.transaction() as tx:
        first = await store.insert(tx, me, new)
        if first:
            await emit(tx, ArchiveBrought(me, new.id))
    if not first:  # brought in another tab, while this one was being stored
        await delete_files(storage, [key])
        raise Invalid(_UNDER_WAY)
    return new.id


async def list_transfers(db: Db, me: AccountId) -> Sequence[Transfer]:
    """The latest first."""
    return await store.of_account(db, me)


async def get_transfer(db: Db, me: AccountId, number: int) -> Transfer:
    """Raises NotFound."""
    for one in await store.of_account(db, me):
        if one.id == number:
            return one
    raise NotFound


async def take_in(db: Database, storage: Store, settings: Settings, events: Sequence[ArchiveBrought]) -> None:
    """Effect of ArchiveBrought: all of it, or what is left of it after it was cut off."""
    for event in events:
        me = AccountId(event.account_id)
        found = [one for one in await store.of_account(db, me) if one.id == event.transfer_id]
        account = await by_id(db, me)
        if not found or account is None:
            continue
        if found[0].finished_at is None:
            try:
                await _take_in(db, storage, settings, Author(me, account.username), found[0])
            except Hostile as refused:
                log.info("an archive is refused", why=refused.text)
                await store.finish(db, me, found[0].id, datetime.now(UTC), refused=refused.text)
        await delete_files(storage, [found[0].key])


async def sweep(db: Database, storage: Store) -> None:
    """Periodic: what failed too often, or was thrown away, is over, so that another one can be brought."""
    waiting = {job_of(ArchiveBrought(*one)).payload: one for one in await store.under_way(db)}
    for key in await store.end_given_up(db, list(waiting.values()), list(waiting), datetime.now(UTC), _GIVEN_UP):
        await delete_files(storage, [key])


async def _take_in(db: Database, storage: Store, settings: Settings, me: Author, one: Transfer) -> None:
    limits = msgspec.structs.replace(settings.limits, status_characters=CHARACTERS)
    with TemporaryFile() as file:
        try:
            await fetch_sealed(db.keys, storage, one.key, file)
        except KeyringError as error:
            raise Hostile("This archive does not lie here any more as it was brought. Bring it again") from error
        with opened(file) as pack:
            told = seal.check(pack)
            of_x = from_twitter.is_one(pack)
            said = from_twitter.contents(pack, one.visibility) if of_x else from_mastodon.contents(pack, told)
            if len(said.posts) > MOST:
                raise Hostile("There are more posts in this archive than anybody writes")
            once = {post.uri: post for post in reversed(said.posts)}
            posts = sorted(once.values(), key=lambda post: (post.created_at, post.uri))
            await store.set_contents(db, me.id, one.id, said.kind, said.origin, len(posts))
            wide = msgspec.structs.replace(settings, limits=limits)
            taking = Taking(db, storage, wide, me, pack, told, said)
            await _take_posts(taking, one.id, posts)
            files = await store.files(db, me.id, [post.uri for post in posts])
            lists = await _take_lists(taking)
    await store.finish(db, me.id, one.id, datetime.now(UTC), _report(pack, said, files, lists))


async def _take_posts(taking: Taking, number: int, posts: Sequence[Post]) -> None:
    known = dict(await store.known(taking.db, taking.me.id))
    for begin in range(0, len(posts), AT_ONCE):
        some = [post for post in posts[begin : begin + AT_ONCE] if post.uri not in known]
        media = {post.uri: await _upload(taking, post) for post in some if post.media and _wrong(taking, post) is None}
        async with taking.db.transaction() as tx:
            outcomes = [await _post(taking, tx, post, media.get(post.uri, _NO_FILES), known) for post in some]
            await store.note(tx, taking.me.id, number, outcomes, min(begin + AT_ONCE, len(posts)))


def _wrong(taking: Taking, post: Post) -> str | None:
    """Why a post is not taken in, whatever it says."""
    if post.uri in taking.contents.strange:
        return _STRANGE
    if post.visibility == "direct":
        return _MESSAGE
    return None if FIRST <= post.created_at <= datetime.now(UTC) else _TIME


async def _upload(taking: Taking, post: Post) -> Files:
    """Its files, made anew as all that comes here; one that cannot be is left out, and it is said why."""
    ids: list[int] = []
    names: list[str] = []
    left: dict[str, str] = {}
    alone = False
    for one in post.media:
        if one.file not in taking.pack.sizes:
            continue
        if alone or len(ids) == taking.settings.limits.media_attachments:
            left[one.file] = _MANY
            continue
        try:
            made = await _made(taking, one)
        except (Hostile, Unavailable, TooMany):  # nothing of it is taken in; or in a while it can be
            raise
        except Refused as refused:
            left[one.file] = refused.text
            continue
        if made.kind in ALONE and ids:
            left[one.file] = _MANY
            continue
        alone = made.kind in ALONE
        ids.append(made.id)
        names.append(one.file)
    return Files(ids, names, left)


async def _made(taking: Taking, one: Attached) -> Attachment:
    """Raises Refused, Hostile where it is not the file that was signed."""
    limits = taking.settings.limits
    most = max(limits.video_bytes, limits.image_bytes)
    if taking.pack.sizes[one.file] > most:
        raise TooManyBytes("It is larger than a file may be here")
    data = taking.pack.read(one.file, most)
    seal.check_file(taking.told, one.file, data)
    focus = f"{one.focus[0]},{one.focus[1]}" if one.focus else None
    made = await upload(
        taking.db, taking.storage, taking.settings, taking.me.id, data, description=one.description, focus=focus
    )
    if made.state is State.PROCESSING:
        made = await settled(taking.db, taking.me.id, made.id, PATIENCE)
    if made.state is State.PROCESSING:
        raise ProcessingFailed("It takes longer to work on than any file should")
    return made


async def _post(taking: Taking, tx: Tx, post: Post, files: Files, known: dict[str, int]) -> Outcome:
    """Write a post, and remember it for those that answer it."""
    wrong = _wrong(taking, post)
    if wrong is None:
        try:
            known[post.uri] = await _write(taking, tx, post, files.ids, known)
        except Refused as refused:
            wrong = refused.text.removeprefix("Validation failed: ")
    if wrong is not None:
        return Outcome(post.uri, None, wrong, left_out=files.left)
    return Outcome(post.uri, known[post.uri], files=files.names, left_out=files.left)


async def _write(taking: Taking, tx: Tx, post: Post, media: Sequence[int], known: Mapping[str, int]) -> StatusId:
    draft = Draft(
        text=_text(post),
        spoiler_text=post.spoiler_text,
        visibility=Visibility.parse(post.visibility),
        sensitive=post.sensitive,
        language=post.language,
        in_reply_to_id=await _named(taking, tx, post.answers, known),
        quoted_id=await _named(taking, tx, post.quotes, known),
        media_ids=tuple(media),
        created_at=post.created_at,
    )
    for attempt in (draft, msgspec.structs.replace(draft, in_reply_to_id=None, quoted_id=None)):
        try:
            return (await post_status(tx, taking.settings, taking.me, attempt, quiet=True)).id
        except (NotFound, Forbidden):  # what it answers or quotes may not be
            continue
    raise NotFound


def _text(post: Post) -> str:
    """With what a poll asked, and how it stood: it is over."""
    if post.poll is None:
        return post.text
    votes = [*post.poll.votes, *[0] * len(post.poll.options)]
    lines = [f"- {option} ({vote})" for option, vote in zip(post.poll.options, votes, strict=False)]
    return "\n".join([post.text, "", *lines]).strip()


async def _named(taking: Taking, tx: Tx, uri: str | None, known: Mapping[str, int]) -> StatusId | None:
    """A post by its address where the archive comes from: of the same archive, or one that is known here."""
    if uri is None:
        return None
    number = known.get(uri) or status_of_url(taking.settings, uri) or await brought.post_of_uri(tx, uri)
    return None if number is None else StatusId(number)


async def _take_lists(taking: Taking) -> dict[str, str]:
    """Have lists taken in line by line, as if they had been brought by themselves. What became of each file."""
    became: dict[str, str] = {}
    for name in taking.contents.lists:
        kind = msgspec.convert(LISTS[name], brought.Kind)
        data = taking.pack.read(name)
        seal.check_file(taking.told, name, data)
        try:
            lines = lines_of(kind, data)
        except Invalid:
            continue
        if taking.contents.kind == "townsquare" and kind in ("favourites", "bookmarks"):
            lines.reverse()  # the latest stands first there, and is to be the latest here
        for begin in range(0, len(lines), MOST_LINES):
            some = lines[begin : begin + MOST_LINES]
            number = await lists_in.keep(taking.db, taking.me.id, kind, name, some, overwrite=False)
            await lists_in.confirm(taking.db, taking.me.id, number)
        became[name] = "lists" if lines else "empty"
    return became | {name: became[other] for name, other in TWICE.items() if other in became}


def _report(pack: Pack, said: Contents, files: Sequence[Outcome], lists: Mapping[str, str]) -> list[Group]:
    """Every file of the archive, and so every byte, in one of the groups."""
    became = {name: ("refused", why) for one in files for name, why in one.left_out.items()}
    became |= {name: ("files", "") for one in files for name in one.files}
    became |= {name: (what, "") for name, what in lists.items()}
    became |= dict.fromkeys(said.read, ("posts", ""))
    groups: dict[tuple[str, str], list[str]] = {}
    for name in pack.sizes:
        groups.setdefault(became.get(name, _BESIDE.get(name, ("left", ""))), []).append(name)
    return [
        Group(what, len(some), sum(pack.sizes[name] for name in some), why)
        for (what, why), some in sorted(groups.items())
    ]
