"""A place in which there is everything that the API can tell of: all fields of its entities can be looked at."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from tests.rooms.accounts.people import stranger
from tests.rooms.media import pictures
from tests.support.for_good import be_over
from tests.support.square import Person, Square
from townsquare.accounts.suggestions import feature
from townsquare.auth.terms import publish_document
from townsquare.kernel.ids import new_id
from townsquare.kernel.settings import Outside
from townsquare.kernel.settings_sources import become
from townsquare.moderation.jury import store as store_jury
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.notices.keys import make_key
from townsquare.statuses import store_cards
from townsquare.statuses.cards import ask_posted
from townsquare.statuses.cards_model import Card, Details
from townsquare.statuses.events import StatusPosted
from townsquare.timelines import store_trend_reviews, store_trends
from townsquare.timelines.announce import Times, announce
from townsquare.timelines.events import YearAsked
from townsquare.timelines.trends_model import StatusTrend, Trend
from townsquare.timelines.years import make as make_years

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"

Made = dict[str, str]
"""Ids of what there is."""


async def everything(square: Square, ann: Person) -> Made:
    """People, posts and all that people do, until ann has something of everything."""
    people = {name: await square.person(name) for name in ("ben", "cid", "dan", "eve", "fay", "gus")}
    made = {name: str(one.id) for name, one in people.items()} | {"ann": str(ann.id)}
    made |= await place(square, ann)
    made |= await relations(square, ann, people)
    async with square.db.transaction() as tx:
        await feature(tx, people["cid"].id)
    made |= await posts(square, ann, people["ben"])
    made |= await announcements(square, ann, made["post"])
    made |= await conversations(ann, people["ben"])
    await square.db.execute("INSERT INTO annual_reports (account_id, year) VALUES ($1, 2025)", ann.id)
    await make_years(square.db, [YearAsked(ann.id, 2025)])
    made |= await collections(ann, people["ben"], made)
    made |= await lists(ann, made)
    made |= await trends(square, made)
    made |= await filters(ann, made)
    made |= await order(square, ann, people["ben"])
    made |= await requests(square, ann)
    made |= await noticed(square, made["post"])
    made |= await judged(square, ann)
    await square.settle()
    made |= await told(ann)
    return made


async def place(square: Square, ann: Person) -> Made:
    """Rules, documents, emojis, a known server; an app with its token; ann's profile."""
    now = datetime.now(UTC)
    async with square.db.transaction() as tx:
        for kind in ("about", "privacy", "terms"):
            await publish_document(tx, kind, f"Our {kind} #town", now)
    await square.db.execute("UPDATE users SET terms_accepted_at = now(), terms_version = 1")
    await square.db.execute("INSERT INTO rules (id, position, text, hint) VALUES (1, 1, 'Be kind', 'Always')")
    await stranger(square.db, "far", display_name="Far", discoverable=True)
    await square.db.execute(
        "INSERT INTO custom_emojis (shortcode, file_key, static_key, category) VALUES ('tram', 't', 't.png', 'Town')"
    )
    app = await ann.post("/api/v1/apps", client_name="App", redirect_uris=OUT_OF_BAND, scopes="read write")
    tokens = [
        (await square.http.post("/oauth/token", json=CLIENT | credentials(app) | {"scope": "read write"})).json()
        for _ in range(2)
    ]
    newcomer = await square.person("ida", confirmed=False)
    await square.db.execute("UPDATE users SET created_by_app_id = (SELECT min(id) FROM oauth_apps)")
    picture = {"avatar": ("a.png", pictures.png(), "image/png"), "header": ("h.png", pictures.png(), "image/png")}
    fields = {"fields_attributes[0][name]": "Web :tram:", "fields_attributes[0][value]": "https://example.org"}
    profile = {"display_name": "Ann :tram:", "note": "Hi", "bot": "true"}
    await ann.request("PATCH", "/api/v1/accounts/update_credentials", files=picture, data=profile | fields)
    said = {f"app_{name}": value for name, value in app.items() if isinstance(value, str)}
    return said | {"app": tokens[0]["access_token"], "ended": tokens[1]["access_token"], "newcomer": newcomer.token}


async def noticed(square: Square, post: str) -> Made:
    """A program of a host has told of a post, with its key."""
    async with square.db.transaction() as tx:
        key = await make_key(tx, OPERATOR, "Cloud", "abuse@cloud.example", "host", datetime.now(UTC))
    told = {"reason": "A threat", "urls": [f"https://town.example/@ann/{post}"], "reference": "C-1"}
    answer = await square.http.post("/api/v1/notices", json=told, headers={"authorization": f"Bearer {key}"})
    return {"notice": answer.json()["id"], "notice_key": key} | await signalled(square, post)


async def judged(square: Square, ann: Person) -> Made:
    """The place has a jury, and she was drawn for one about something that waits at the desk."""
    await square.settle()
    settings, db, now, number = square.services.settings, square.db, datetime.now(UTC), new_id()
    become(settings, settings, {"moderation.jury": True})
    await db.execute(
        """
        INSERT INTO cases (id, origin, prior_id, opened_at, due_at, updated_at)
        SELECT $1, 'appeal', min(id), $2, $2, $2 FROM cases
        """,
        number,
        now,
    )
    await db.execute(
        """
        INSERT INTO case_items (case_id, kind, owner_id, item_id, author_id, sealed, joined_at, open)
        SELECT $1, kind, owner_id, item_id, author_id, sealed, joined_at, false FROM case_items LIMIT 1
        """,
        number,
    )
    await db.execute(
        """
        INSERT INTO appeals (account_id, id, prior_id, round, side, text, case_id, made_at)
        SELECT $2, $1, prior_id, 1, 'author', 'It was a joke', id, opened_at FROM cases WHERE id = $1
        """,
        number,
        ann.id,
    )
    async with db.transaction() as tx:
        await store_jury.insert(tx, number, b"seed", [ann.id], [ann.id, 1], now, now + timedelta(days=1))
    return {"jury": str(number)}


async def signalled(square: Square, post: str) -> Made:
    """A program that screens has spoken of it too, with a key of its own."""
    async with square.db.transaction() as tx:
        key = await make_key(tx, OPERATOR, "Screen", "", "machine", datetime.now(UTC))
    said = {"name": "hash-match", "version": "1", "score": 0.9, "policy": "spam", "status_id": post}
    answer = await square.http.post("/api/v1/signals", json=said, headers={"authorization": f"Bearer {key}"})
    return {"signal": answer.json()["id"], "signal_key": key}


CLIENT = {"grant_type": "client_credentials"}


def credentials(app: Mapping[str, str]) -> dict[str, str]:
    return {"client_id": app["client_id"], "client_secret": app["client_secret"]}


async def relations(square: Square, ann: Person, people: Mapping[str, Person]) -> Made:
    for name in ("ben", "fay"):
        await ann.post(f"/api/v1/accounts/{people[name].id}/follow", notify=True, languages=["en"])
    await people["ben"].post(f"/api/v1/accounts/{people['fay'].id}/follow")
    await people["fay"].post(f"/api/v1/accounts/{ann.id}/follow")
    await ann.post(f"/api/v1/accounts/{people['ben'].id}/endorse")
    await people["ben"].post(f"/api/v1/accounts/{ann.id}/follow")
    await people["ben"].post(f"/api/v1/accounts/{ann.id}/endorse")
    await ann.post(f"/api/v1/accounts/{people['ben'].id}/note", comment="from the choir")
    await ann.post(f"/api/v1/accounts/{people['dan'].id}/block")
    await ann.post(f"/api/v1/accounts/{people['eve'].id}/mute", duration=3600)
    await ann.post("/api/v1/domain_blocks", domain="spam.example")
    await ann.patch("/api/v1/accounts/update_credentials", locked=True)
    for name in ("cid", "gus"):
        await people[name].post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    return {}


async def posts(square: Square, ann: Person, ben: Person) -> Made:
    media = [await sent(ann) for _ in range(3)]
    text = "Look at the :tram: #town @ben https://example.org"
    post = await ann.say(text, spoiler_text="Trams", sensitive=True, language="en", media_ids=[media[0]])
    await show_card(square, ann, int(post["id"]), ben.id)
    answer = await ben.say("@ann #nice", in_reply_to_id=post["id"], language="en")
    last = await ann.say("@ben thanks", in_reply_to_id=answer["id"])
    await ann.put(f"/api/v1/statuses/{post['id']}", status=f"{text}!", spoiler_text="Trams", media_ids=[media[0]])
    for verb in ("favourite", "reblog", "bookmark"):
        await ben.post(f"/api/v1/statuses/{post['id']}/{verb}")
        await ann.post(f"/api/v1/statuses/{post['id']}/{verb}")
    await ann.post(f"/api/v1/statuses/{post['id']}/pin")
    await ann.post("/api/v1/tags/town/follow")
    for person in (ann, ben):
        await person.post("/api/v1/tags/town/feature")
    await ann.say("#village #choir")
    gone = await ann.say("regret", media_ids=[media[1]])
    await ann.post("/api/v1/markers", home={"last_read_id": "1"}, notifications={"last_read_id": "1"})
    await square.settle()
    poll = {"options": ["the :tram:", "the bus"], "expires_in": 3600, "multiple": True}
    asked = await ben.say("How do you come?", poll=poll)
    quoting = await ben.say("Look at this", quoted_status_id=post["id"])
    await ann.say("I see", quoted_status_id=quoting["id"])
    waiting = await ann.post(
        "/api/v1/statuses",
        status="Good morning",
        scheduled_at="2035-01-01",
        poll=poll,
        language="en",
        spoiler_text="Sun",
    )
    featured = (await ann.post("/api/v1/featured_tags", name="tram"))["id"]
    return {"post": post["id"], "answer": answer["id"], "last": last["id"], "gone": gone["id"]} | {
        "media": media[2],
        "featured": featured,
        "poll": asked["poll"]["id"],
        "scheduled": waiting["id"],
        "quoting_status_id": quoting["id"],
    }


async def show_card(square: Square, ann: Person, status_id: int, author_id: int) -> None:
    """What would be fetched from elsewhere."""
    now = datetime.now(UTC)
    url = "https://example.org/"
    details = Details(
        title="Trams", author_name="Ben", author_url=url, provider_url=url, embed_url=url, published_at=now
    )
    card = Card(url=url, id=1, details=details, author_id=author_id, image_key="i.png", blurhash="x", fetched_at=now)
    await store_cards.write(square.db, card)
    await store_cards.note_link(square.db, url, url)
    settings = msgspec.structs.replace(square.services.settings, outside=Outside())
    await ask_posted(square.db, settings, [StatusPosted(ann.id, status_id, 0, link="https://example.org")])


async def trends(square: Square, made: Made) -> Made:
    """A hashtag, a link, its publisher and a post that trend."""
    now, url = datetime.now(UTC), "https://example.org/"
    trend = Trend("town", 9.0, 9.0, now, allowed=True)
    await store_trends.replace(square.db, "tag", [trend])
    await store_trends.replace(square.db, "link", [msgspec.structs.replace(trend, key=url)])
    status = StatusTrend(int(made["ben"]), int(made["answer"]), 9.0, "en", allowed=True)
    await store_trends.replace_statuses(square.db, [status], 0)
    await store_trend_reviews.note_publishers(square.db, ["example.org"], [7])
    tag = await square.db.value("SELECT id FROM tags WHERE name = 'town'")
    return {"trend_tag": str(tag), "trend_link": "1", "publisher": "7", "trend_status": made["answer"]}


async def sent(ann: Person) -> str:
    file = {"file": ("p.png", pictures.png(), "image/png")}
    answer = await ann.request("POST", "/api/v2/media", files=file, data={"description": "A tram", "focus": "0.1,-0.2"})
    return answer.json()["id"]


async def announcements(square: Square, ann: Person, post: str) -> Made:
    now = datetime.now(UTC)
    week = Times(starts_at=now, ends_at=now + timedelta(days=7))
    text = f"The :tram: rides on #town day, says @ben: https://town.example/@ann/{post}"
    async with square.db.transaction() as tx:
        number = await announce(tx, text, week, now)
    for emoji in ("🚋", "tram"):
        await ann.put(f"/api/v1/announcements/{number}/reactions/{emoji}")
    return {"announcement": str(number)}


async def conversations(ann: Person, ben: Person) -> Made:
    await ben.say("@ann between us", visibility="direct")
    await ben.say("@ann and that", visibility="direct")
    one, other = await ann.get("/api/v1/conversations")
    return {"conversation": one["id"], "other_conversation": other["id"]}


async def collections(ann: Person, ben: Person, made: Made) -> Made:
    """One of one's own, and one of ben's that ann is in."""
    own = await ann.post(
        "/api/v1/collections", name="Choir", tag_name="choir", language="en", account_ids=[made["ben"]]
    )
    theirs = await ben.post("/api/v1/collections", name="Town", account_ids=[made["ann"]])
    return {
        "collection": own["collection"]["id"],
        "item": own["collection"]["items"][0]["id"],
        "their_collection": theirs["collection"]["id"],
        "their_item": theirs["collection"]["items"][0]["id"],
    }


async def lists(ann: Person, made: Made) -> Made:
    one = await ann.post("/api/v1/lists", title="Choir", replies_policy="followed", exclusive=True)
    await ann.post(f"/api/v1/lists/{one['id']}/accounts", account_ids=[made["ben"]])
    return {"list": one["id"]}


async def filters(ann: Person, made: Made) -> Made:
    words = [{"keyword": "nice", "whole_word": True}]
    given = {"title": "Praise", "context": ["home", "thread"], "filter_action": "warn", "expires_in": 3600}
    one = await ann.post("/api/v2/filters", **given, keywords_attributes=words)
    status = await ann.post(f"/api/v2/filters/{one['id']}/statuses", status_id=made["answer"])
    other = await ann.post("/api/v1/filters", phrase="spoiler", context=["home"])
    return {"filter": one["id"], "keyword": one["keywords"][0]["id"], "filtered": status["id"], "phrase": other["id"]}


async def requests(square: Square, ann: Person) -> Made:
    """What waits of people whom the place has limited."""
    for name in ("kim", "lea", "max", "ned"):
        stranger = await square.person(name)
        await square.db.execute("UPDATE accounts SET limited_at = now() WHERE id = $1", stranger.id)
        await stranger.say("@ann hello")
    return {
        f"request of {one['account']['username']}": one["id"] for one in await ann.get("/api/v1/notifications/requests")
    }


async def order(square: Square, ann: Person, ben: Person) -> Made:
    """A report, people who wait at the door, and all that the place blocks."""
    waiting = [await square.person(name, approved=False, reason="To sing") for name in ("pia", "rex")]
    sid = await square.person("sid")
    tom = await square.person("tom")
    post = await tom.say("Sing louder than all others")
    report = await ben.post("/api/v1/reports", account_id=str(tom.id), status_ids=[post["id"]], rule_ids=["1"])
    await ann.post(f"/api/v1/admin/accounts/{sid.id}/action", type="suspend")
    await square.settle()
    await be_over(square, sid)
    found = {"report": report["id"], "sid": str(sid.id), "pia": str(waiting[0].id), "rex": str(waiting[1].id)}
    await ann.post(f"/api/v1/admin/reports/{report['id']}/assign_to_self")
    for name, given in {
        "domain_blocks": {"domain": "loud.example", "public_comment": "Loud"},
        "domain_allows": {"domain": "near.example"},
        "email_domain_blocks": {"domain": "throwaway.example"},
        "canonical_email_blocks": {"email": "somebody@mail.example"},
        "ip_blocks": {"ip": "192.0.2.0/24", "severity": "sign_up_block", "expires_in": 3600},
    }.items():
        found[name] = (await ann.post(f"/api/v1/admin/{name}", **given))["id"]
    return found


POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SUBSCRIPTION = {
    "subscription": {"endpoint": "https://push.example/1", "keys": {"p256dh": POINT, "auth": "vBbEfsNmUjaRp7W-Bp_gTw"}},
    "data": {"alerts": {"mention": True, "admin.report": True}, "policy": "all"},
}


async def told(ann: Person) -> Made:
    await ann.post("/api/v1/push/subscription", **SUBSCRIPTION)
    ids = {one["type"]: one["id"] for one in await ann.get("/api/v1/notifications")}
    groups = {one["type"]: one["group_key"] for one in (await ann.get("/api/v2/notifications"))["notification_groups"]}
    return {"notification": ids["mention"], "other_notification": ids["favourite"], "group": groups["favourite"]}
