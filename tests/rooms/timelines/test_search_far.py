"""Searches among more posts than are looked at one by one: common, rare, old, of one author."""

import re
from datetime import UTC, datetime

import msgspec
import pytest

from tests.rooms.accounts.people import person
from tests.support.square import SETTINGS
from townsquare.db.pool import Database
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import first_id_of
from townsquare.statuses.show import no_filters
from townsquare.timelines import search, store_search_index
from townsquare.timelines.search import Search, search_statuses
from townsquare.timelines.search_query import Lexemes, parse
from townsquare.timelines.search_words import KEPT, Lexicon, share_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LAST = first_id_of(int(NOW.timestamp() * 1000))
NEAR = 200
POSTS = NEAR + 400
HOUR = first_id_of(3_600_000)


def number_of(n: int) -> int:
    """The id of the nth post before the last: an hour apart."""
    return LAST - (n + 1) * HOUR


@pytest.fixture(params=["counted", "not counted"])
async def filled(db: Database, request: pytest.FixtureRequest) -> Database:
    """Posts by ann and ben in turn; each tenth says "tenth", the four hundred oldest "old", one of them "gem".

    Where the words are counted, "post" and "old" are known to be common, and the posts are looked at one by one.
    """
    authors = [await person(db, name) for name in ("ann", "ben")]
    ids = [number_of(n) for n in range(POSTS)]
    words = ["post" + " tenth" * (n % 10 == 0) + " old" * (n >= NEAR) + " gem" * (n == POSTS - 3) for n in range(POSTS)]
    owners = [authors[n % 2] for n in range(POSTS)]
    await db.execute(
        """
        INSERT INTO statuses (account_id, id, visibility, root_id, root_account_id, created_at, text, head, body)
        SELECT k.owner, k.id, 0, k.id, k.owner, $4, k.text, convert_to('"id":"' || k.id || '"', 'UTF8'), '"x":0'
        FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS k (owner, id, text)
        """,
        owners,
        ids,
        words,
        NOW,
    )
    await store_search_index.index(db, owners, ids)
    if request.param == "counted":
        await db.execute("ANALYZE status_search")
    return db


async def found(db: Database, text: str, cursor: Cursor, offset: int = 0) -> list[int]:
    asked = Search(0, parse(text, NOW), cursor, offset=offset, languages=("en",))
    entities = await search_statuses(db, SETTINGS, Lexicon(), asked, no_filters)
    return [(LAST - int(match[1])) // HOUR - 1 for one in entities if (match := re.search(rb'"id":"(\d+)"', one))]


async def test_all_is_found_wherever_it_is_latest_first(filled: Database) -> None:
    far = Cursor(5)
    assert await found(filled, "post", far) == [0, 1, 2, 3, 4]
    assert await found(filled, "old", far) == [NEAR + n for n in range(5)]
    assert await found(filled, "old", far, offset=3) == [NEAR + 3 + n for n in range(5)]
    assert await found(filled, "gem", far) == [POSTS - 3]
    assert await found(filled, "gem -old", far) == []
    assert await found(filled, "old tenth", Cursor(100)) == [n for n in range(POSTS) if n % 10 == 0 and n >= NEAR]
    assert await found(filled, "tenth", Cursor(200)) == [n for n in range(POSTS) if n % 10 == 0]


async def test_an_author_has_far_posts_too(filled: Database) -> None:
    assert await found(filled, "old from:ben", Cursor(3)) == [NEAR + 1, NEAR + 3, NEAR + 5]
    assert await found(filled, "gem from:ben", Cursor(3)) == [POSTS - 3]
    assert await found(filled, "gem from:ann", Cursor(3)) == []


async def test_pages_go_on_in_both_directions(filled: Database) -> None:
    older = Cursor(3, max_id=number_of(NEAR + 10))
    assert await found(filled, "old", older) == [NEAR + 11, NEAR + 12, NEAR + 13]
    newer = Cursor(3, min_id=number_of(POSTS - 1))
    assert await found(filled, "tenth", newer) == [POSTS - 30, POSTS - 20, POSTS - 10]
    assert await found(filled, "tenth", msgspec.structs.replace(newer, limit=1)) == [POSTS - 10]


async def test_what_is_common_but_not_lately_is_found_all_the_same(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else thirty thousand posts would have to be written to get beyond what is looked at.
    monkeypatch.setattr(search, "FAR", NEAR // 2)
    assert await found(filled, "old", Cursor(3)) == [NEAR, NEAR + 1, NEAR + 2]
    assert await found(filled, "old from:ben", Cursor(3)) == [NEAR + 1, NEAR + 3, NEAR + 5]


async def test_how_common_words_are_is_what_postgresql_counted(filled: Database) -> None:
    await filled.execute("ANALYZE status_search")
    census = await store_search_index.census(filled)
    assert census.posts == POSTS
    assert {word: census.shares[word] for word in ("post", "old")} == {"post": 1.0, "old": pytest.approx(2 / 3)}
    clock = [0.0]
    lexicon = Lexicon(clock=lambda: clock[0])
    known = {word: await lexicon.lexemes(filled, word, ("en",)) for word in ("post", "old", "gem")}

    async def common(text: str) -> bool:
        return await lexicon.common(filled, parse(text, NOW).groups, known)

    assert [await common(text) for text in ("post", "old", "gem", "post -gem", "old or gem")] == [1, 1, 0, 1, 1]
    await filled.execute("DELETE FROM status_search")
    await filled.execute("ANALYZE status_search")
    assert await common("old")
    clock[0] = KEPT
    assert not await common("old")


SHARES = {"hot": 0.5, "day": 0.2, "days": 0.1, "en day": 0.1, "is reply": 0.4}
WORDS = {
    "hot": Lexemes("'hot'"),
    "days": Lexemes("'days'", ["en day"]),
    "hot day": Lexemes("'hot' <-> 'day'"),
    "never": Lexemes("'never'"),
}


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("hot", 0.5),
        ("hot is:reply", 0.2),
        ("days", 0.4),
        ('"hot day"', 0.1),
        ("hot or days", 0.9),
        ("hot never", 0),
        ("hot -never", 0.5),
        ("hot or -days", 1),
    ],
)
def test_words_are_taken_to_have_nothing_to_do_with_each_other(text: str, share: float) -> None:
    assert share_of(parse(text, NOW).groups, WORDS, SHARES) == pytest.approx(share)
