"""The rules of this room that need no database."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from townsquare.db.pool import Database
from townsquare.kernel.ids import first_id_of, stamp
from townsquare.timelines.filters import FilterCache, compiled, results
from townsquare.timelines.notify import group_key
from townsquare.timelines.store_filters import Filter, FilteredStatus, Keyword, Text
from townsquare.timelines.store_notify import Notice
from townsquare.timelines.wording import types_of

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def id_at(moment: datetime) -> int:
    return first_id_of(int(moment.timestamp() * 1000))


@pytest.mark.parametrize(
    "moment",
    [
        NOW,
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2024, 2, 29, 23, 59, 59, 999_000, UTC),
        datetime(2099, 1, 1, tzinfo=UTC),
    ],
)
def test_a_stamp_is_the_time_of_the_id(moment: datetime) -> None:
    assert stamp(id_at(moment)) == moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def test_a_group_is_of_one_kind_one_post_and_half_a_day() -> None:
    like = Notice(1, "favourite", 2, (1, 77))
    key = group_key(like, id_at(NOW))
    assert key.startswith("favourite-77-")
    assert group_key(Notice(1, "favourite", 3, (1, 77)), id_at(NOW + timedelta(hours=6))) == key
    assert group_key(like, id_at(NOW + timedelta(hours=12))) != key
    assert group_key(Notice(1, "favourite", 2, (1, 78)), id_at(NOW)) != key
    assert group_key(Notice(1, "follow", 2), id_at(NOW)) == key.replace("favourite-77", "follow")
    assert group_key(Notice(1, "mention", 2, (2, 77)), 5) == "ungrouped-5"


def test_types_that_are_wanted() -> None:
    assert types_of((), ()) is None
    assert types_of(("mention", "unknown"), ()) == "mention"
    assert types_of(("mention", "follow"), ("follow",)) == "mention"
    assert types_of(("unknown",), ()) == ""
    everything_else = types_of((), ("mention",))
    assert everything_else is not None
    assert "mention" not in everything_else.split(",")
    assert "poll" in everything_else.split(",")


def a_filter(
    number: int, *keywords: str, contexts: tuple[str, ...] = ("home",), until: datetime | None = None
) -> Filter:
    words = [Keyword(n, keyword, whole_word=True) for n, keyword in enumerate(keywords)]
    return Filter(1, number, f"Filter {number}", contexts, "warn", until, words, [FilteredStatus(1, 99)])


def test_filters_of_a_context_tell_what_they_match() -> None:
    filters = compiled(
        1,
        [
            a_filter(10, "rain", "hail"),
            a_filter(20, "rain", contexts=("public",)),
            a_filter(30, "rain", until=NOW - timedelta(seconds=1)),
        ],
    )
    texts = [Text(5, 2, "Rain and HAIL"), Text(6, 1, "my own rain"), Text(7, 2, "sun"), Text(99, 2, "sun")]

    home = {number: msgspec.json.decode(found) for number, found in results(filters, "home", texts, NOW).items()}

    assert set(home) == {5, 99}
    assert [(one["filter"]["id"], one["keyword_matches"]) for one in home[5]] == [("10", ["rain", "hail"])]
    assert home[99][0]["status_matches"] == ["99"]
    every = msgspec.json.decode(results(filters, None, texts, NOW)[5])
    assert [one["filter"]["id"] for one in every] == ["10", "20"]


def test_a_thousand_keywords_are_matched_without_much_ado() -> None:
    """Hostile keywords cost no more than others: they are looked for as they stand."""
    filters = compiled(1, [a_filter(10, *(f"(a+)+{number}$" for number in range(1000)), "(a+)+7$" + "!")])
    found = results(filters, None, [Text(5, 2, "a" * 10_000 + "(a+)+7$!")], NOW)
    assert msgspec.json.decode(found[5])[0]["keyword_matches"] == ["(a+)+7$", "(a+)+7$!"]


async def test_a_cache_that_hears_nothing_keeps_nothing(db: Database) -> None:
    cache = FilterCache()
    await cache.of(db, 1)
    before = db.statements
    await cache.of(db, 1)
    assert db.statements == before + 1
    cache.up()
    await cache.of(db, 1)
    await cache.of(db, 1)
    assert db.statements == before + 2
    cache.forget("1")
    await cache.of(db, 1)
    assert db.statements == before + 3
    cache.down()
    await cache.of(db, 1)
    assert db.statements == before + 4
