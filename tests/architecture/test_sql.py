"""Rules of the house about SQL, held against all SQL that stands in the source."""

import re
from collections.abc import Iterable

import pytest

from tests.architecture.sql import Statement, statements

ALL = statements()

ELSEWHERE = {
    "db/": "the pool, migrations and the launcher are below the rooms, which have the stores",
    "cli/checks_database.py": "the doctor asks PostgreSQL about itself",
    "api/health.py": "asks whether the database answers at all",
    "statuses/visible.py": "the fragment that says who may see a post",
}
"""Where SQL stands although the file is no store, by the beginning of the place."""

UNSEEN = {
    "accounts/store_suggestions.py:most_interactions": "counts; who is suggested by it wants to be found",
    "moderation/store_dimensions.py:_SOURCES": "counts",
    "moderation/store_figures.py:_SOURCES": "counts",
    "moderation/store_accounts.py:mark_posts": "in the background: marks posts, and shows them to nobody",
    "moderation/signals/store.py:unseen": "ids only: what the staff are to look at",
    "moderation/store_files.py:of_posts": "in the background: which files are given out; shown to nobody",
    "moderation/store_files.py:of_restricted": "the same",
    "moderation/store_files.py:of_media": "the same",
    "moderation/store_reports.py:sources": "of posts that the reporter was found to see",
    "moderation/reasons/store_statements.py:natures": "media and language of posts, for their author's statement",
    "moderation/notices/store.py:author_of": "whose post it is; it is kept for the staff, and shown to nobody else",
    "moderation/store_deleted.py:author_of": "whose post it is, for whoever could see it to report it",
    "moderation/store_deleted.py:insert": "of a post that its author deletes: who could see it",
    "statuses/store_read.py:fetch_own": "the author's own posts, for what is kept of them",
    "moderation/store_holds.py:exists": "whether there is one: to be put under a legal hold",
    "moderation/cases/store_desk.py:current": "for the desk; what is private, after a reason was logged",
    "moderation/cases/store_reported.py:_POSTS": "counters, for what was reported already",
    "cli/checks_database.py:_clock": "the newest id only, to compare clocks",
    "continuity/archive/store.py:lacking_posts": "ids only: whether a copy of the database has them",
    "continuity/archive/store_removals.py:after": "what posts say since an edit, for the archive, sealed",
    "continuity/archive/store.py:sample_posts": "ids only: to look for them in a copy of the database",
    "continuity/mirror/store.py:_ROW": "keys of public posts; what is shown of them goes through VISIBLE_TO",
    "continuity/mirror/store.py:_SEARCHED_AFTER": "one id only, to know how far back one searches",
    "continuity/mirror/store.py:of_person": "ids, to see which of them are public; shown to nobody",
    "continuity/transfer/store.py:own_posts": "the author's own posts",
    "federation/store.py:uris_of_posts": "addresses only: to name what a visible post answers or echoes",
    "statuses/store.py:source": "the author's own post",
    "statuses/store_emojis.py:posts_after": "in the background: to be rendered anew, and shown to nobody",
    "statuses/store_address.py:posts_after": "in the background: to be rendered anew, and shown to nobody",
    "statuses/store_cards.py:written": "in the background: to be given its card, and shown to nobody",
    "statuses/store_delete.py:delete": "deletes",
    "statuses/store_edit.py:shown": "the author's own post",
    "statuses/store_edit.py:source": "of a post that was found to be visible before",
    "statuses/store_edit.py:parent": "the author's own post",
    "statuses/store_edit.py:keep": "the author's own post",
    "statuses/store_edit.py:rewrite": "the author's own post",
    "statuses/store_edit.py:history": "of a post that was found to be visible before",
    "statuses/store_posts.py:_fetch": "of posts that were found to be visible in the same read",
    "statuses/store_quotes.py:address": "addresses only: to name what a visible post quotes",
    "timelines/store_home.py:name_anew": "in the background: whom posts name, for where they stand already",
    "statuses/store_thread.py:mark_joined": "in the background: which threads posts have joined; shown to nobody",
    "statuses/store_restricted.py:change": "in the background: what the place restricts; shown to nobody",
    "statuses/store_restricted.py:count": "counts",
    "statuses/store_restricted.py:restricted": "only what is restricted of a post, to tell those who had it",
    "statuses/store_translations.py:keep": "writes the translation of a post that was found to be visible before",
    "statuses/store_translations.py:original": "of a post that was found to be visible before",
    "statuses/store_react.py:visibility": "of a post that was found to be visible before",
    "statuses/store_react.py:delete_reblog": "deletes",
    "statuses/store_react.py:pin": "the author's own posts, counted",
    "timelines/store_digest.py:best_of": "keys; what is told of them goes through VISIBLE_TO",
    "timelines/store_conversations.py:direct": "whom a post names, to be told of it",
    "timelines/store_feeds.py:_PUBLIC": "keys of public posts; what is shown of them goes through VISIBLE_TO",
    "timelines/store_feeds.py:_TAGGED": "keys of public posts; what is shown of them goes through VISIBLE_TO",
    "timelines/store_filters.py:fetch_texts": "of posts that are shown in the same answer; only a match is told",
    "timelines/store_years.py:kinds": "the author's own posts, counted",
    "timelines/store_years.py:by_month": "the author's own posts, counted",
    "timelines/store_years.py:most_echoed": "the author's own post",
    "timelines/store_erase.py:next_posts": "of a deleted account, to be erased",
    "timelines/store_home.py:LATEST": "keys; what is shown of them goes through VISIBLE_TO",
    "timelines/store_home.py:bring_in": "keys; what is shown of them goes through VISIBLE_TO",
    "timelines/store_notify.py:written_to": "in the background: whom the receiver's own posts mention",
    "timelines/store_place.py:weeks": "counts",
    "timelines/store_sitemap.py:first_post": "the first id only, to know how old the place is",
    "timelines/store_sitemap.py:posts": "public posts of people who let themselves be indexed, for search engines",
    "timelines/store_trends.py:eligible": "tells only whether a post counts, in the background",
    "timelines/store_trends.py:linking": "keys of public posts; what is shown of them goes through VISIBLE_TO",
    "timelines/store_tagged.py:unlimited": "in the background: which posts are not pushed",
    "timelines/store_trends.py:trending_statuses": "keys; what is shown of them goes through VISIBLE_TO",
    "timelines/store_trends.py:status_candidates": "counts, in the background; what is shown goes through VISIBLE_TO",
    "timelines/store_search_index.py:_INDEX": "writes the index; searching it goes through VISIBLE_TO",
    "timelines/store_search_index.py:_DIRECT": "ids of the reader's own messages; shown through VISIBLE_TO",
    "statuses/store_old_messages.py:following": "in the background: to be sealed, and shown to nobody",
    "statuses/store_old_messages.py:posts": "in the background: to be sealed, and shown to nobody",
    "timelines/store_search_index.py:lacking": "keys, for what writes the index",
    "timelines/streaming/store_facts.py:posts": "in the background: what decides who is told; shown to nobody",
}
"""Reads of posts that do not ask who may see them, and why nobody sees more by them."""

UNLIMITED = {
    "statuses/store_edit.py:rewrite": "writes the hashtags of a post, which are asked for where they are read",
}
"""Statements about public posts that do not ask what the place has limited."""

ACROSS = {
    "continuity/standby/store.py:followers": "PostgreSQL's own views of those who follow",
    "statuses/store_read.py:fetch_by_id": "an address names a post by its id; the index of ids has the owner",
    "statuses/store_thread.py:mark_joined": "in the background: who has muted a thread, by the index of it",
    "timelines/store_filters.py:fetch_texts": "an address names a post by its id; the index of ids has the owner",
    "timelines/store_tagged.py:push": "in the background: who follows a hashtag, wherever they are, by the index of it",
    "timelines/store_tagged.py:take_out": "the same",
    "timelines/store_tagged.py:withdraw": "the same",
}
"""Joins by something else than the owner."""

OF_ALL = {"handles", "oauth_apps", "roles", "tags", "uris"}
"""Small tables without an owner, which every server can have whole."""

OF_THE_PLACE = {
    "case_decisions",
    "case_items",
    "case_prints",
    "case_reports",
    "cases",
    "estimates",
    "juries",
    "jurors",
    "jury_seats",
    "kept_rows",
    "legal_holds",
    "machines",
    "notice_files",
    "notice_items",
    "notice_keys",
    "notices",
    "policies",
    "report_items",
    "reporters",
}
"""What keeps order belongs to the place itself, stands together, and is joined with nothing else."""

_RULE = re.compile(r"\{VISIBLE_(TO|BY_STANDING)\}")
_COMES_UP = re.compile(r"\{COMES_UP\}|\brestricted (=|<|>=) \d")
_PUBLIC = re.compile(r"\bvisibility = 0\b")
_POSTS = re.compile(r"\b(FROM|JOIN)\s+statuses\b")
_JOIN = re.compile(
    r"\bJOIN\s+(?P<table>[a-z_]+)\s+(?:AS\s+)?(?P<alias>[a-z]\w*)\s+ON\s+(?P<on>.*?)"
    r"(?=\b(?:LEFT|RIGHT|CROSS|INNER|JOIN|WHERE|GROUP|ORDER|LIMIT|RETURNING|UNION|SELECT)\b|$)",
    re.DOTALL,
)
_OWNER = r"(\w+\.(account_id|owner|reader|author|receiver)|a\.id|\$\d+)"


def place_of(one: Statement, places: Iterable[str]) -> str | None:
    return next((place for place in places if one.place.startswith(place)), None)


def test_sql_stands_in_stores() -> None:
    astray = [one.place for one in ALL if not one.file.rpartition("/")[2].startswith("store")]
    unexplained = [place for place in astray if not any(place.startswith(known) for known in ELSEWHERE)]
    assert unexplained == []


def test_readers_see_only_posts_that_are_visible_to_them() -> None:
    unchecked = {one.place for one in ALL if _POSTS.search(one.text) and not _RULE.search(one.text)}
    assert unchecked - UNSEEN.keys() == set()


def test_what_the_place_limits_does_not_come_up_among_public_posts() -> None:
    public = [one for one in ALL if _PUBLIC.search(one.text) and _POSTS.search(one.text)]
    assert len(public) > 5, "reads of public posts are not found any more"
    unasked = {one.place for one in public if not _COMES_UP.search(one.text)}
    assert unasked - UNLIMITED.keys() == set()


def owned(one: Statement) -> Iterable[tuple[str, str]]:
    """The joins of a statement with tables that have owners: what is joined, and by what."""
    for join in _JOIN.finditer(one.text):
        if join["table"] not in OF_ALL | OF_THE_PLACE:
            column = "id" if join["table"] == "accounts" else "account_id"
            yield f"{join['alias']}.{column}", " ".join(join["on"].split())


def test_joins_stay_within_one_owner() -> None:
    """So that the tables can be spread over servers by owner: a read that crosses owners is two queries."""
    assert sum(1 for one in ALL for _ in owned(one)) > 20, "the joins are not found any more"
    crossing = {
        f"{one.place}: {on}"
        for one in ALL
        for column, on in owned(one)
        if not re.search(rf"(?<![\w.]){re.escape(column)} = {_OWNER}", on) and one.place not in ACROSS
    }
    assert crossing == set()


@pytest.mark.parametrize("exceptions", [ELSEWHERE, UNSEEN, UNLIMITED, ACROSS])
def test_no_exception_outlives_its_reason(exceptions: dict[str, str]) -> None:
    needed = {place_of(one, exceptions) for one in ALL}
    assert exceptions.keys() - needed == set()
