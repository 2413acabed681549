"""What a decision does: one write, and every way to a post follows; taken back, all is as it was."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest

from tests.api.test_media import sent
from tests.support.cases import Desk, removed
from tests.support.square import Person, Square
from tests.support.streams import happen, watching
from tests.web.visitor import Visitor
from townsquare.federation.places import featured, outbox
from townsquare.kernel.http.answer import SHARED
from townsquare.moderation.cases import apply, store_apply
from townsquare.moderation.cases.accounts import LASTING
from townsquare.statuses.restricted import BITS
from townsquare.timelines import store_push, store_trends
from townsquare.timelines.store_trends import StatusTrend

WORD: Final = "kestrel"
"""Stands in the post and nowhere else."""
ACTIVITY: Final = {"accept": "application/activity+json"}
STANDING: Final = """
    SELECT s.restricted, a.sensitized_at IS NOT NULL OR a.limited_at IS NOT NULL OR a.suspended_at IS NOT NULL
        OR u.frozen_at IS NOT NULL OR u.disabled_at IS NOT NULL
    FROM statuses s JOIN accounts a ON a.id = s.account_id JOIN users u ON u.account_id = s.account_id WHERE s.id = $1
"""


class Places:
    """A post that is wherever a post can be, and all the ways to it."""

    def __init__(self, square: Square) -> None:
        self.square = square
        self.people: dict[str, Person] = {}
        self.browsers: dict[str, Visitor] = {}
        self.post: dict[str, Any] = {}
        self.ids: dict[str, str] = {}

    async def make(self) -> None:
        for name in ("ann", "ben", "cleo", "dora", "eve", "fay"):
            self.people[name] = await self.square.person(name)
        ann, ben, cleo, dora, eve, fay = self.people.values()
        await ann.patch("/api/v1/accounts/update_credentials", indexable=True, discoverable=True)
        await ben.post(f"/api/v1/accounts/{ann.id}/follow")
        await fay.post(f"/api/v1/accounts/{ben.id}/follow")
        await dora.post("/api/v1/tags/meadow/follow")
        listed = await ben.post("/api/v1/lists", title="Birds")
        await self.square.settle()
        await ben.post(f"/api/v1/lists/{listed['id']}/accounts", account_ids=[ann.id])
        begun = await ann.say("What flies there?")
        picture = await sent(ann, description="A bird")
        post = await ann.say(
            f"A {WORD} above the #meadow, @cleo",
            in_reply_to_id=begun["id"],
            media_ids=[picture["id"]],
            quote_approval_policy="public",
        )
        number = post["id"]
        await ann.post(f"/api/v1/statuses/{number}/pin")
        echo = await ben.post(f"/api/v1/statuses/{number}/reblog")
        for verb in ("favourite", "bookmark"):
            await cleo.post(f"/api/v1/statuses/{number}/{verb}")
        quoting = await eve.say("See", visibility="unlisted", quoted_status_id=number)
        answer = await dora.say("@ann where?", in_reply_to_id=number)
        await self.square.settle()
        trend = StatusTrend(ann.id, int(number), 9.0, "en", allowed=True)
        await store_trends.replace_statuses(self.square.db, [trend], 0)
        self.post = await cleo.get(f"/api/v1/statuses/{number}")
        self.ids = {"echo": echo["id"], "quoting": quoting["id"], "answer": answer["id"], "begun": begun["id"]}
        self.ids |= {"list": listed["id"], "post": number}
        for name in ("ben", "cleo", "fay"):
            self.browsers[name] = Visitor(self.square)
            await self.browsers[name].sign_in(name)

    def ways(self) -> Mapping[str, tuple[str, str]]:
        """Who asks for what. `nobody` has no token, `page` is a browser, `server` another server."""
        number, ids, ann, ben = self.post["id"], self.ids, self.people["ann"].id, self.people["ben"].id
        api = {
            "nobody": [
                f"statuses/{number}", f"statuses?id[]={number}", f"accounts/{ann}/statuses",
                f"accounts/{ann}/statuses?pinned=true", f"accounts/{ann}/statuses?only_media=true",
                f"accounts/{ann}/statuses?tagged=meadow", f"accounts/{ben}/statuses", f"statuses/{ids['echo']}",
                f"statuses/{ids['quoting']}", f"statuses/{ids['answer']}/context", f"statuses/{ids['begun']}/context",
                f"statuses/{number}/history", "timelines/tag/meadow", "timelines/public", "trends/statuses",
            ],
            "ben": ["timelines/home", f"timelines/list/{ids['list']}", f"statuses/{number}"],
            "fay": ["timelines/home"],
            "dora": ["timelines/home"],
            "cleo": ["notifications", "favourites", "bookmarks", f"statuses/{ids['begun']}/context"],
        }  # fmt: skip
        found = {f"{who} {path}": (who, f"/api/v1/{path}") for who, paths in api.items() for path in paths}
        found["fay search"] = "fay", f"/api/v2/search?q={WORD}&type=statuses"
        found["cleo search"] = "cleo", f"/api/v2/search?q={WORD}&type=statuses"
        found["cleo notifications v2"] = "cleo", "/api/v2/notifications"
        pages = {
            "nobody": [f"/@ann/{number}", "/@ann", "/@ben", f"/@ann/{ids['begun']}", "/tags/meadow", "/explore",
                       f"/@eve/{ids['quoting']}", f"/@ann/{number}/embed", "/public", "/@ann/feed.atom",
                       "/tags/meadow/feed.atom"],
            "page ben": ["/home"],
            "page fay": ["/home", "/search?q=above"],
            "page cleo": ["/notifications", "/favourites", "/bookmarks", f"/@ann/{number}"],
        }  # fmt: skip
        found |= {f"{who} {path}": (who, path) for who, paths in pages.items() for path in paths}
        found["server post"] = "server", f"/@ann/{number}"
        found["server outbox"] = "server", outbox("", ann) + "?page=true"
        found["server featured"] = "server", featured("", ann)
        return found

    async def asked(self) -> dict[str, httpx.Response]:
        """What each way gives."""
        http = self.square.http
        out: dict[str, httpx.Response] = {}
        for name, (who, path) in self.ways().items():
            match who.split():
                case ["nobody"]:
                    out[name] = await http.get(path)
                case ["server"]:
                    out[name] = await http.get(path, headers=ACTIVITY)
                case ["page", person]:
                    out[name] = await self.browsers[person].get(path)
                case [person]:
                    out[name] = await self.people[person].request("GET", path)
                case _:
                    raise AssertionError(who)
        return out

    async def told(self) -> dict[str, str]:
        """What apps and servers are told, word for word."""
        return {name: answer.text for name, answer in (await self.asked()).items() if "html" not in answer.text[:30]}

    async def reached(self) -> set[str]:
        """By which ways one comes to the post. To know the address of a file, or its entry in a map, is one too."""
        found = {name for name, answer in (await self.asked()).items() if answer.is_success and WORD in answer.text}
        number, http = self.post["id"], self.square.http
        more = {
            "file": (await http.get(self.post["media_attachments"][0]["url"])).is_success,
            "small file": (await http.get(self.post["media_attachments"][0]["preview_url"])).is_success,
            "oembed": (await http.get("/api/oembed", params={"url": self.post["url"]})).is_success,
            "who liked it": (await http.get(f"/api/v1/statuses/{number}/favourited_by")).is_success,
            "who echoed it": (await http.get(f"/api/v1/statuses/{number}/reblogged_by")).is_success,
            "who quotes it": (await self.people["cleo"].request("GET", f"/api/v1/statuses/{number}/quotes")).is_success,
            "map": number in (await http.get(f"/sitemaps/posts-{datetime.now(UTC):%Y-%m-%d}.xml")).text,
        }
        return found | {name for name, there in more.items() if there}

    async def kept_too_long(self) -> set[str]:
        """What a shared cache may give out for longer than is said for all (RFC 9111, 4.2.1)."""
        http = self.square.http
        answers = await self.asked()
        answers["oembed"] = await http.get("/api/oembed", params={"url": self.post["url"]})
        answers["map"] = await http.get(f"/sitemaps/posts-{datetime.now(UTC):%Y-%m-%d}.xml")
        file = await http.get(self.post["media_attachments"][0]["url"])
        if not file.is_success:
            answers["file"] = file
        soon = re.compile(rf"\b(no-store|no-cache|private|s-maxage={SHARED})\b")
        return {name for name, answer in answers.items() if not soon.search(answer.headers["cache-control"])}

    async def counters(self) -> list[int]:
        """Of author, echoer and quoter; of what it answers."""
        cleo = self.people["cleo"]
        people = [await cleo.get(f"/api/v1/accounts/{self.people[name].id}") for name in ("ann", "ben", "eve")]
        return [one["statuses_count"] for one in people] + [
            (await cleo.get(f"/api/v1/statuses/{self.ids['begun']}"))["replies_count"]
        ]


@pytest.fixture
async def places(square: Square) -> Places:
    one = Places(square)
    await one.make()
    return one


COUNTED: Final = [2, 1, 1, 1]


@pytest.mark.parametrize("action", ["hold", "remove"])
async def test_one_decision_takes_a_post_from_every_place_and_gives_it_back(places: Places, action: str) -> None:
    desk = Desk(places.square)
    everywhere = await places.reached()
    assert await places.kept_too_long() == set()
    missing = {*places.ways(), "file", "small file", "oembed", "who liked it", "who echoed it", "map"} - everywhere
    assert missing == set(), "the post was to be found by all of these ways before"
    assert await places.counters() == COUNTED
    before = await places.told()

    case_id = await desk.case(places.post)
    if action == "hold":
        await desk.hold(case_id)
    else:
        await desk.decide(case_id, action)
        assert await places.square.db.value("SELECT applied_at FROM case_items WHERE case_id = $1", case_id)
    assert await places.reached() == set()
    assert await places.counters() == [1, 0, 1, 0]
    assert await places.kept_too_long() == set(), "nor is it kept that it is missing"
    own = await places.people["ann"].get(f"/api/v1/statuses/{places.post['id']}")
    assert WORD in own["content"]
    assert own["moderation"]["notices"] == [{"action": action, "policy": "hate", "name": "Hate"}]

    if action == "hold":
        await desk.decide(case_id, "none")
    else:
        await desk.undo(case_id)
    assert await places.reached() == everywhere
    assert await places.counters() == COUNTED
    assert await places.told() == before


STAYS: Final = {
    "nobody statuses/{post}", "nobody statuses?id[]={post}", "nobody statuses/{post}/history",
    "nobody statuses/{answer}/context", "nobody statuses/{begun}/context", "nobody statuses/{echo}",
    "nobody statuses/{quoting}", "ben timelines/home", "ben timelines/list/{list}", "ben statuses/{post}",
    "fay timelines/home", "cleo notifications", "cleo notifications v2", "cleo favourites", "cleo bookmarks",
    "cleo statuses/{begun}/context", "cleo search",
}  # fmt: skip
GOES: Final = {
    "nobody timelines/tag/meadow", "nobody timelines/public", "nobody trends/statuses", "dora timelines/home",
    "fay search", "map", "nobody /tags/meadow", "nobody /public", "nobody /explore", "nobody /tags/meadow/feed.atom",
    "page fay /search?q=above",
}  # fmt: skip


async def test_what_is_limited_is_with_those_who_asked_for_it_alone(places: Places) -> None:
    desk, everywhere = Desk(places.square), await places.reached()
    case_id = await desk.case(places.post)
    await desk.decide(case_id, "limit")
    reached = await places.reached()
    assert everywhere - reached == GOES
    assert {name.format(**places.ids) for name in STAYS} <= reached
    assert await places.counters() == COUNTED
    await desk.undo(case_id)
    assert await places.reached() == everywhere


@pytest.mark.parametrize(
    ("action", "spoiler", "sensitive"),
    [("label", "Hate", False), ("warning", "Hate", True), ("sensitive", "", True)],
)
async def test_apps_read_labels_and_warnings_where_they_look_for_them(
    square: Square, ann: Person, ben: Person, action: str, spoiler: str, sensitive: bool
) -> None:
    post, warned = await ann.say('A \\ "quoted" text'), await ann.say("Words", spoiler_text='Own "words"')
    path, own = f"/api/v1/statuses/{post['id']}", f"/api/v1/statuses/{warned['id']}"
    before = [await ben.get(path), await ben.get(own)]
    desk = Desk(square)
    case_id = await desk.case(post, warned)
    await desk.decide(case_id, action)
    shown, with_own = await ben.get(path), await ben.get(own)
    assert (shown["spoiler_text"], shown["sensitive"]) == (spoiler, sensitive)
    assert with_own["spoiler_text"] == (f'{spoiler}: Own "words"' if spoiler else 'Own "words"')
    notices = [{"action": action, "policy": "hate", "name": "Hate"}]
    assert with_own["moderation"] == {"notices": notices, "spoiler_text": 'Own "words"', "sensitive": True}
    note = (await square.http.get(f"/@ann/{post['id']}", headers=ACTIVITY)).json()
    assert (note.get("summary") or "", note["sensitive"]) == (spoiler, sensitive)
    assert (await ann.get(f"{own}/source"))["spoiler_text"] == 'Own "words"'
    await ann.put(path, status="Another text")
    await square.settle()
    assert (await ben.get(path))["moderation"] == {"notices": notices, "spoiler_text": "", "sensitive": False}
    await ann.put(path, status='A \\ "quoted" text')
    await desk.undo(case_id)
    assert [{**(await ben.get(path)), "edited_at": None}, await ben.get(own)] == before


async def test_the_strictest_that_stands_holds(square: Square, ann: Person, ben: Person) -> None:
    post = await ann.say("Twice judged")
    desk = Desk(square)
    first, second = await desk.case(post), await desk.case(policy="spam")
    await desk.decide(first, "remove")
    await square.db.execute(
        """
        INSERT INTO case_items (case_id, kind, owner_id, item_id, author_id, joined_at)
        VALUES ($1, 'status', $2, $3, $2, now())
        """,
        second,
        ann.id,
        int(post["id"]),
    )
    await desk.decide(second, "label")

    async def seen() -> int:
        return (await ben.request("GET", f"/api/v1/statuses/{post['id']}")).status_code

    assert await seen() == 404
    await desk.undo(first)
    assert (await ben.get(f"/api/v1/statuses/{post['id']}"))["spoiler_text"] == "Spam"
    await desk.decide(first, "remove")
    assert await seen() == 404
    await desk.undo(second)
    assert await seen() == 404
    await desk.undo(first)
    assert "moderation" not in await ben.get(f"/api/v1/statuses/{post['id']}")


async def test_it_is_the_same_however_often_and_in_which_order_it_is_heard(
    square: Square, ann: Person, ben: Person
) -> None:
    post = await ann.say("Once")
    desk, case_id = await removed(square, post)
    for _ in range(2):
        async with square.db.transaction() as tx:
            await apply.apply(tx, case_id, settings=square.services.settings, now=datetime.now(UTC))
        await square.settle()
    assert (await ben.get(f"/api/v1/accounts/{ann.id}"))["statuses_count"] == 0
    assert await square.db.value("SELECT count(*) FROM strikes WHERE account_id = $1", ann.id) == 1
    await desk.undo(case_id)
    await desk.hold(case_id)
    await desk.decide(case_id, "none")
    assert (await ben.get(f"/api/v1/accounts/{ann.id}"))["statuses_count"] == 1


@pytest.mark.parametrize(
    ("action", "account", "bits"),
    [*((one, "none", bits) for one, bits in BITS.items()), *(("none", one, 0) for one in LASTING)],
)
async def test_what_is_for_a_while_ends_by_itself(
    square: Square, ann: Person, ben: Person, action: str, account: str, bits: int
) -> None:
    post = await ann.say("For a while")
    desk = Desk(square)
    case_id = await desk.case(post)

    async def restricted() -> tuple[int, bool]:
        """What stands of the post, and whether anything stands of its author."""
        record = (await square.db.records(STANDING, int(post["id"])))[0]
        return record[0], record[1]

    await desk.decide(case_id, action, account, lasting=timedelta(days=1))
    await square.db.execute("ALTER TABLE case_decisions DISABLE TRIGGER case_decisions_stay")
    await apply.end_timed(square.db, square.services.settings)
    assert await restricted() == (bits, account != "none")
    for table in ("restrictions", "case_decisions"):
        await square.db.execute(f"UPDATE {table} SET until = now() - interval '1 second'")  # pyright: ignore[reportArgumentType] (names of ours)
    await apply.end_timed(square.db, square.services.settings)
    await square.settle()
    assert await restricted() == (0, False)
    assert (await ben.get(f"/api/v1/statuses/{post['id']}"))["spoiler_text"] == ""
    anew = 401 if account == "suspend" else 200
    answer = await ann.request("POST", "/api/v1/statuses", json={"status": "Here again"})
    assert answer.status_code == anew, "whoever was suspended signs in anew"
    assert await store_apply.ended(square.db, datetime.now(UTC), 10) == []


async def test_its_author_can_read_and_delete_it_and_no_more(square: Square, ann: Person, ben: Person) -> None:
    await ann.say("Another")
    post = await ann.say("Held")
    await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    await square.settle()
    desk, case_id = await removed(square, post)
    path = f"/api/v1/statuses/{post['id']}"
    assert (await ann.request("PUT", path, json={"status": "Milder"})).status_code == 403
    assert (await ann.request("POST", f"{path}/reblog")).status_code == 403
    assert (await ann.request("POST", f"{path}/pin")).status_code == 422
    await ann.delete(path)
    await square.settle()
    assert (await ann.get(f"/api/v1/accounts/{ann.id}"))["statuses_count"] == 1
    assert (await ann.get(f"/api/v1/accounts/{ben.id}"))["statuses_count"] == 0
    await desk.undo(case_id)
    assert (await ann.get(f"/api/v1/accounts/{ann.id}"))["statuses_count"] == 1


async def test_who_takes_back_an_echo_of_what_is_hidden_is_not_counted_twice(
    square: Square, ann: Person, ben: Person
) -> None:
    post = await ann.say("Echoed")
    await ben.say("Own")
    echo = await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    desk, case_id = await removed(square, post)
    assert (await ann.get(f"/api/v1/accounts/{ben.id}"))["statuses_count"] == 1
    await ben.request("POST", f"/api/v1/statuses/{echo['id']}/unreblog")
    await square.settle()
    assert await square.db.value("SELECT count(*) FROM statuses WHERE reblog_of_id = $1", int(post["id"])) == 0
    assert (await ann.get(f"/api/v1/accounts/{ben.id}"))["statuses_count"] == 1
    await desk.undo(case_id)
    assert (await ann.get(f"/api/v1/accounts/{ben.id}"))["statuses_count"] == 1
    assert (await ann.get(f"/api/v1/statuses/{post['id']}"))["reblogs_count"] == 0


async def test_those_who_watch_see_it_go_and_come_back(square: Square, ann: Person, ben: Person) -> None:
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    post = await ann.say("Watched")
    desk = Desk(square)
    case_id = await desk.case(post)
    async with watching(ben, "user") as client:
        await desk.decide(case_id, "remove")
        await happen(square)
        await desk.undo(case_id)
        await happen(square)
        await desk.decide(case_id, "remove")
        await happen(square)
        assert client.names == ["delete", "status.update", "delete"]


async def test_what_waits_to_be_pushed_is_not(square: Square, ann: Person, ben: Person) -> None:
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    post = await ann.say("@ben a secret")
    asked = [(ben.id, ann.id, int(post["id"]))]
    assert len(await store_push.words(square.db, asked)) == 1
    await removed(square, post)
    assert await store_push.words(square.db, asked) == []
    post = await ann.say("@ben a picture")
    await removed(square, post, "warning")
    (said,) = await store_push.words(square.db, [(ben.id, ann.id, int(post["id"]))])
    assert said.beginning == "Hate"
