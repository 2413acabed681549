"""However people stand to each other: a search gives exactly the posts that one may see, may find and wants to read."""

from datetime import UTC, datetime

import asyncpg
import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rooms.accounts.people import person
from tests.support.square import SETTINGS
from townsquare.db.pool import Database
from townsquare.kernel import keyring
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId, StatusId, new_id
from townsquare.moderation import deleted
from townsquare.statuses.delete import delete_status
from townsquare.statuses.events import StatusPosted
from townsquare.statuses.model import Author, Draft, Visibility
from townsquare.statuses.post import post_status
from townsquare.statuses.read import no_filters
from townsquare.timelines import conversations
from townsquare.timelines.notify_events import Notified
from townsquare.timelines.notify_events import Written as Notice
from townsquare.timelines.search import Search, index_posted, search_statuses
from townsquare.timelines.search_query import Scope, parse
from townsquare.timelines.search_words import Lexicon

NAMES = ("ann", "bob", "cid", "dot")
ONE = st.integers(0, len(NAMES) - 1)
SCOPES: tuple[Scope, ...] = ("all", "public", "library")
PAIRS = st.sets(st.tuples(ONE, ONE).filter(lambda pair: pair[0] != pair[1]), max_size=6)


class Written(msgspec.Struct, frozen=True):
    """Indexes of people stand for them."""

    author: int
    visibility: Visibility
    mentioned: int | None
    liked_by: int | None
    deleted: bool


class Town(msgspec.Struct, frozen=True):
    follows: set[tuple[int, int]]
    blocks: set[tuple[int, int]]
    mutes: set[tuple[int, int]]
    shy: set[int]
    """Do not want to be found by strangers."""
    limited: set[int]
    suspended: set[int]
    posts: list[Written]

    def gives(self, viewer: int | None, post: Written, scope: Scope) -> bool:
        """The rule in plain words, apart from the SQL that is tested."""
        author = post.author
        if post.deleted or author in self.suspended:
            return False
        follows, own = (viewer, author) in self.follows, viewer == author
        named, liked = (viewer is not None and viewer == other for other in (post.mentioned, post.liked_by))
        may_see = own or post.visibility <= Visibility.UNLISTED or named
        may_see = may_see or (post.visibility == Visibility.PRIVATE and follows)
        shown = author not in self.limited or follows
        for_all = post.visibility == Visibility.PUBLIC and author not in self.shy and shown
        library = own or named or liked
        may_find = {"all": for_all or library, "public": for_all, "library": library}[scope]
        apart = {(author, viewer), (viewer, author)} & self.blocks or (viewer, author) in self.mutes
        return may_see and may_find and (own or not apart)


POSTS = st.builds(
    Written,
    author=ONE,
    visibility=st.sampled_from(list(Visibility)),
    mentioned=st.none() | ONE,
    liked_by=st.none() | ONE,
    deleted=st.sampled_from([False, False, False, True]),
)
FEW = st.sets(ONE, max_size=1)
TOWNS = st.builds(
    Town,
    follows=PAIRS,
    blocks=PAIRS,
    mutes=PAIRS,
    shy=FEW,
    limited=FEW,
    suspended=FEW,
    posts=st.lists(POSTS, min_size=1, max_size=8),
)


@given(town=TOWNS)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_search_gives_exactly_what_one_may_see_and_find(connection: asyncpg.Connection, town: Town) -> None:
    whole = connection.transaction()
    await whole.start()
    try:
        await check(Database.over(connection, keyring.fresh()), town)
    finally:
        await whole.rollback()


async def check(db: Database, town: Town) -> None:
    people = [await person(db, name) for name in NAMES]
    ids = [await written(db, people, post) for post in town.posts]
    await stand(db, people, town)
    for viewer in (None, *range(len(people))):
        for scope in SCOPES:
            asked = parse(f"Word in:{scope}", datetime.now(UTC))
            search = Search(people[viewer] if viewer is not None else 0, asked, Cursor(40))
            entities = await search_statuses(db, SETTINGS, Lexicon(), search, no_filters)
            expected = [str(ids[n]) for n, post in enumerate(town.posts) if town.gives(viewer, post, scope)]
            assert [msgspec.json.decode(one)["id"] for one in entities] == sorted(expected, key=int, reverse=True)


async def written(db: Database, people: list[AccountId], post: Written) -> StatusId:
    author = Author(people[post.author], NAMES[post.author])
    named = "" if post.mentioned is None else f" @{NAMES[post.mentioned]}"
    posted = await post_status(db, SETTINGS, author, Draft(f"A word{named}", visibility=post.visibility))
    event = StatusPosted(author.id, posted.id, int(post.visibility))
    await index_posted(db, [event])
    await conversations.enter_own(db, [event])
    if post.mentioned is not None:
        told = Notice(people[post.mentioned], new_id(), "mention", author.id, posted.id, author.id)
        await conversations.enter_told(db, [Notified((told,))])
    if post.liked_by is not None:
        liked = author.id, posted.id, people[post.liked_by], new_id()
        await db.execute("INSERT INTO favourites (account_id, status_id, by_id, id) VALUES ($1, $2, $3, $4)", *liked)
        await db.execute(
            "INSERT INTO marks (author_id, status_id, account_id, favourite_id) VALUES ($1, $2, $3, $4)", *liked
        )
    if post.deleted:
        await delete_status(db, author.id, posted.id, before=deleted.keep)
    return posted.id


async def stand(db: Database, people: list[AccountId], town: Town) -> None:
    for one, other in town.follows:
        await db.execute(
            "INSERT INTO followers (account_id, follower_id, id, local) VALUES ($1, $2, $3, true)",
            people[other], people[one], new_id(),
        )  # fmt: skip
    for one, other in town.blocks:
        pair = people[one], people[other], new_id()
        await db.execute("INSERT INTO blocks (account_id, target_id, id) VALUES ($1, $2, $3)", *pair)
    for one, other in town.mutes:
        pair = people[one], people[other], new_id()
        await db.execute("INSERT INTO mutes (account_id, target_id, id) VALUES ($1, $2, $3)", *pair)
    await db.execute(
        """
        UPDATE accounts SET indexable = id <> ALL($1::bigint[]),
            limited_at = CASE WHEN id = ANY($2::bigint[]) THEN now() END,
            suspended_at = CASE WHEN id = ANY($3::bigint[]) THEN now() END
        """,
        [people[n] for n in town.shy], [people[n] for n in town.limited], [people[n] for n in town.suspended],
    )  # fmt: skip
