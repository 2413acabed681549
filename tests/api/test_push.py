"""Pushes: subscriptions, and what comes to the push service of an app, which decrypts it."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.support.push_service import PushService, claim_of, push_service
from tests.support.square import SETTINGS, Person, Square, town
from townsquare.db.pool import Database
from townsquare.kernel.settings import Push

PATH = "/api/v1/push/subscription"


@pytest.fixture
async def service() -> AsyncGenerator[PushService]:
    async with push_service() as one:
        yield one


@pytest.fixture
async def square(db: Database, tmp_path: Path) -> AsyncGenerator[Square]:
    """A place whose operator runs a push service in the same network."""
    settings = msgspec.structs.replace(
        SETTINGS, push=Push(private_networks=("127.0.0.1",)), contact_email="us@town.example"
    )
    async with town(db, tmp_path, settings) as one:
        yield one


async def subscribe(person: Person, service: PushService, *alerts: str, **more: Any) -> dict[str, Any]:
    data = {"alerts": dict.fromkeys(alerts, True)} | ({"policy": more.pop("policy")} if "policy" in more else {})
    return await person.post(PATH, subscription=service.subscription(**more), data=data)


async def jobs(square: Square) -> list[tuple[datetime, str]]:
    records = await square.db.records("SELECT due_at, payload FROM jobs WHERE kind = 'PushDue'")
    return [(record[0], record[1]) for record in records]


async def test_a_subscription_is_made_shown_changed_and_ended(ann: Person, service: PushService) -> None:
    assert (await ann.request("GET", PATH)).json() == {"error": "Record not found"}
    made = await subscribe(ann, service, "mention", "admin.report", standard=True)
    assert made["endpoint"] == service.origin + "/1"
    assert made["standard"] is True
    assert made["policy"] == "all"
    assert made["id"].isdigit()
    assert int(made["id"]) < 2**31, "some apps take it for a number of 32 bits"
    assert {name for name, yes in made["alerts"].items() if yes} == {"mention", "admin.report"}
    assert len(made["alerts"]) == 13
    instance = (await ann.get("/api/v2/instance"))["configuration"]["vapid"]["public_key"]
    assert made["server_key"] == instance
    assert await ann.get(PATH) == made

    changed = await ann.put(PATH, data={"alerts": {"follow": True}}, policy="followed")
    assert [name for name, yes in changed["alerts"].items() if yes] == ["follow"]
    assert (changed["policy"], changed["endpoint"]) == ("followed", made["endpoint"])
    again = await subscribe(ann, service, "poll", path="/2")
    assert again["id"] != made["id"]
    assert again["standard"] is False
    assert (await ann.get(PATH))["endpoint"] == service.origin + "/2"
    assert await ann.delete(PATH) == {}
    assert await ann.delete(PATH) == {}
    assert (await ann.request("PUT", PATH, json={"policy": "all"})).status_code == 404


async def test_a_form_with_brackets_is_taken_too(ann: Person, service: PushService) -> None:
    keys = service.subscription()["keys"]
    form = {
        "subscription[endpoint]": "https://push.example/x",
        "subscription[keys][p256dh]": keys["p256dh"].rstrip("=").replace("-", "+").replace("_", "/"),
        "subscription[keys][auth]": keys["auth"].rstrip("="),
        "subscription[standard]": "true",
        "data[alerts][admin.sign_up]": "1",
        "data[policy]": "none",
    }
    made = (await ann.request("POST", PATH, data=form)).json()
    assert made["alerts"]["admin.sign_up"] is True
    assert (made["policy"], made["standard"]) == ("none", True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "push.example"},
        {"endpoint": "ftp://push.example/1"},
        {"endpoint": "https://user:secret@push.example/1"},
        {"endpoint": "https://push.example/" + "x" * 3000},
        {"keys": {"p256dh": "AAAA", "auth": "AAAA"}},
        {"keys": {"p256dh": "!", "auth": "!"}},
        {},
    ],
)
async def test_what_cannot_be_pushed_to_is_refused(ann: Person, service: PushService, wrong: dict[str, Any]) -> None:
    given = {"subscription": service.subscription() | wrong} if wrong else {}
    answer = await ann.request("POST", PATH, json=given)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("Validation failed: ")


async def test_only_a_person_s_token_with_the_scope_may(square: Square, service: PushService) -> None:
    other = await square.person("cid", scopes="read write follow")
    answer = await other.request("POST", PATH, json={"subscription": service.subscription()})
    assert answer.status_code == 403
    assert (await square.http.get(PATH)).status_code == 401


@pytest.mark.parametrize("standard", [True, False])
async def test_an_app_reads_what_happened(
    square: Square, ann: Person, ben: Person, service: PushService, standard: bool
) -> None:
    made = await subscribe(ann, service, "mention", standard=standard)
    await ben.patch("/api/v1/accounts/update_credentials", display_name="Ben B.")
    await ben.say("@ann look: <i> " + "long " * 60)
    (came,) = service.came
    told = service.read(came)
    (notification,) = await ann.get("/api/v1/notifications")
    assert told["access_token"] == ann.token
    assert told["preferred_locale"] == "en"
    assert str(told["notification_id"]) == notification["id"]
    assert told["notification_type"] == "mention"
    assert told["icon"] == notification["account"]["avatar_static"]
    assert told["title"] == "Ben B. mentioned you"
    assert told["body"].startswith("@ann look: <i> long long")
    assert len(told["body"]) <= 140
    assert came.path == "/1"
    assert came.headers["ttl"] == "172800"
    assert came.headers["urgency"] == "normal"
    assert came.headers["content-encoding"] == ("aes128gcm" if standard else "aesgcm")
    signed = came.headers["authorization"]
    claim = claim_of(signed.partition(" t=" if standard else " ")[2].partition(",")[0], made["server_key"].rstrip("="))
    assert claim["aud"] == service.origin
    assert claim["sub"] == "mailto:us@town.example"
    assert datetime.now(UTC).timestamp() < claim["exp"] < (datetime.now(UTC) + timedelta(hours=24)).timestamp()
    assert signed.endswith(f",k={made['server_key'].rstrip('=')}") == standard
    assert ann.token not in str(await square.db.records("SELECT * FROM push_subscriptions"))


async def test_a_warning_stands_for_the_text_and_a_note_where_there_is_none(
    ann: Person, ben: Person, service: PushService
) -> None:
    await subscribe(ann, service, "mention", "follow")
    await ben.patch("/api/v1/accounts/update_credentials", note="I sing <b>loud</b>")
    await ben.say("@ann the murderer is …", spoiler_text="The end of the book")
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    await ben.square.settle()
    warned, noted = (service.read(came) for came in service.came)
    assert warned["body"] == "The end of the book"
    assert (noted["notification_type"], noted["title"]) == ("follow", "ben follows you")
    assert noted["body"].startswith("I sing")


async def test_only_what_was_asked_for_is_pushed(ann: Person, ben: Person, service: PushService) -> None:
    await subscribe(ann, service, "favourite")
    post = await ann.say("Good morning")
    await ben.say("@ann hello")
    assert service.came == []
    await ben.post(f"/api/v1/statuses/{post['id']}/favourite")
    await ben.square.settle()
    assert [service.read(came)["notification_type"] for came in service.came] == ["favourite"]


@pytest.mark.parametrize(("policy", "follow", "pushed"), [
    ("all", None, True),
    ("none", "both", False),
    ("followed", "ben", False),
    ("followed", "ann", True),
    ("follower", "ann", False),
    ("follower", "ben", True),
])  # fmt: skip
async def test_the_policy_says_of_whom(
    ann: Person, ben: Person, service: PushService, policy: str, follow: str | None, pushed: bool
) -> None:
    for one, other in ((ann, ben), (ben, ann)):
        if follow in (one.username, "both"):
            await one.post(f"/api/v1/accounts/{other.id}/follow")
    await ann.square.settle()
    await subscribe(ann, service, "mention", policy=policy)
    await ben.say("@ann hello")
    assert bool(service.came) == pushed


async def test_what_is_kept_apart_is_not_pushed(ann: Person, ben: Person, service: PushService) -> None:
    await subscribe(ann, service, "mention")
    await ann.patch("/api/v2/notifications/policy", for_not_following="filter")
    await ben.say("@ann hello")
    assert service.came == []


@pytest.mark.parametrize("status", [404, 410])
async def test_a_subscription_that_is_not_known_any_more_ends(
    square: Square, ann: Person, ben: Person, service: PushService, status: int
) -> None:
    await subscribe(ann, service, "mention")
    service.answers = [(status, "")]
    await ben.say("@ann hello")
    assert (await ann.request("GET", PATH)).status_code == 404
    assert await jobs(square) == []


async def due(square: Square, ben: Person) -> None:
    """Everything up to the sending of the push, and that once: what follows is entered for later."""
    await ben.post("/api/v1/statuses", status="@ann hello")
    await square.step()
    await square.step()
    await square.step()


@pytest.mark.parametrize(("status", "more", "seconds"), [
    (500, "", 30),
    (429, "retry-after: 600\r\n", 600),
    (503, "retry-after: x\r\n", 30),
    (429, "retry-after: 999999\r\n", 7200),
])  # fmt: skip
async def test_a_push_service_in_trouble_is_tried_again_later(
    square: Square, ann: Person, ben: Person, service: PushService, status: int, more: str, seconds: int
) -> None:
    await subscribe(ann, service, "mention")
    service.answers = [(status, more)]
    await due(square, ben)
    assert len(service.came) == 1
    ((at, payload),) = await jobs(square)
    assert '"tries":1' in payload
    assert abs((at - datetime.now(UTC)).total_seconds() - seconds) < 60
    await square.settle()
    assert [service.read(came)["notification_type"] for came in service.came] == ["mention"] * 2
    assert (await ann.get(PATH))["endpoint"]


async def test_what_fails_for_weeks_is_ended_and_what_recovers_is_not(
    square: Square, ann: Person, ben: Person, service: PushService
) -> None:
    await subscribe(ann, service, "mention")
    service.answers = [(500, "")] * 6
    await ben.say("@ann hello")
    assert len(service.came) == 6
    assert await square.db.value("SELECT failing_since FROM push_subscriptions") is not None
    await ben.say("@ann hello")
    assert await square.db.value("SELECT failing_since FROM push_subscriptions") is None
    await square.db.execute("UPDATE push_subscriptions SET failing_since = now() - interval '15 days'")
    service.answers = [(500, "")]
    await ben.say("@ann hello")
    assert (await ann.request("GET", PATH)).status_code == 404


async def test_no_push_reaches_a_private_address_that_is_not_named(
    db: Database, tmp_path: Path, service: PushService
) -> None:
    async with town(db, tmp_path, SETTINGS) as square:
        ann, ben = await square.person("ann"), await square.person("ben")
        await subscribe(ann, service, "mention")
        await ben.say("@ann hello")
    assert service.came == []


async def test_a_subscription_ends_with_its_token(square: Square, ann: Person, service: PushService) -> None:
    await subscribe(ann, service, "mention")
    await square.db.execute("DELETE FROM oauth_tokens WHERE account_id = $1", ann.id)
    assert await square.db.value("SELECT count(*) FROM push_subscriptions") == 0


async def test_nothing_is_pushed_of_what_was_taken_back_or_to_who_is_kept_out(
    square: Square, ann: Person, ben: Person, service: PushService
) -> None:
    await subscribe(ann, service, "mention", "favourite")
    post = await ann.say("Good morning")
    await ben.post(f"/api/v1/statuses/{post['id']}/favourite")
    await square.step()
    await square.step()
    await square.db.execute("DELETE FROM notifications")
    await square.settle()
    assert service.came == []
    await square.db.execute("UPDATE users SET disabled_at = now() WHERE account_id = $1", ann.id)
    await ben.say("@ann hello")
    assert service.came == []
