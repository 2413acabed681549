"""The pages of those who run the place: each opens for whom it is meant, says what is, and does what it says."""

import re
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
import pytest

from tests.rooms.media import pictures
from tests.support.for_good import be_over
from tests.support.square import Square
from tests.web.visitor import OURS, Visitor, visitor
from townsquare.continuity.archive.status import Status, TargetStatus
from townsquare.continuity.archive.store import note
from townsquare.kernel.settings import SignUpMode
from townsquare.moderation import audit, timed
from townsquare.moderation.pulse import Pulse
from townsquare.timelines import digest
from townsquare.timelines.digest_model import Choice
from townsquare.web.all_pages import PAGES
from townsquare.web.door.pages import Page

SHOWN = [page for page in PAGES if page.path.startswith("/manage") and page.method == "GET" and ":" not in page.path]


async def staff(square: Square, role: str = "owner", name: str = "boss") -> Visitor:
    await square.person(name, role=role)
    one = Visitor(square)
    await one.sign_in(name)
    return one


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.path)
async def test_every_page_opens_for_the_owner(square: Square, page: Page) -> None:
    owner = await staff(square)
    answer = await owner.get(page.path)
    assert answer.status_code in (200, 303), answer.text


async def said(one: Visitor, path: str) -> str:
    answer = await one.get(path)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


async def test_the_overview_says_what_waits(square: Square) -> None:
    owner = await staff(square)
    assert "What waits for you" not in await said(owner, "/manage")
    await square.person("newcomer", approved=False)
    await square.db.execute(
        "INSERT INTO failed_jobs (id, queue, kind, payload, tries, error) VALUES (1, 'mail', 'SendMail', '{}', 13, 'E')"
    )
    page = await said(owner, "/manage")
    assert "1 person waits at the door" in page
    assert "1 job failed for good" in page


async def test_a_new_place_says_what_it_lacks_until_it_is_done(square: Square) -> None:
    owner = await staff(square)
    page = await said(owner, "/manage")
    for step in ("a name of its own", "how you can be reached", "your terms", "a mail server", "an archive"):
        assert step in page, step
    assert "Give the place an address" not in page  # it has one: https://town.example
    fields = {"title": "Alder & Brook", "description": "By the weir.", "contact_email": "us@town.example"}
    await owner.send("/manage/place", page="/manage/place", **fields, languages="en")
    await owner.send("/manage/documents/terms", page="/manage/documents/terms", body="Be kind.")
    page = await said(owner, "/manage")
    for step in ("a name of its own", "how you can be reached", "your terms"):
        assert step not in page, step
    assert "a mail server" in page


async def test_the_place_is_called_as_the_owner_says_at_once(square: Square) -> None:
    owner, stranger = await staff(square), await visitor(square)
    fields = {"title": "Alder & Brook", "description": "By the weir.", "contact_email": "us@town.example"}
    fields |= {"languages": "en de", "own_accent": "true", "accent": "#ffd400", "timelines": "true"}
    answer = await owner.send("/manage/place", page="/manage/place", **fields)
    assert answer.status_code == 303
    assert "Alder &amp; Brook" in await said(stranger, "/about")
    instance = (await square.http.get("/api/v2/instance")).json()
    assert (instance["title"], instance["languages"]) == ("Alder & Brook", ["en", "de"])
    sheet = await stranger.get("/look.css")
    assert "--accent" in sheet.text
    assert "#ffd400" in sheet.text, "bright enough on dark pages"
    assert "look.css" in await said(stranger, "/about")
    again = await owner.send("/manage/place", page="/manage/place", **fields | {"title": " ", "description": "Kept"})
    assert again.status_code == 422
    assert "Kept" in again.text
    assert "can&#39;t be blank" in again.text or "can’t be blank" in again.text


async def test_who_gets_in_is_chosen_on_a_page(square: Square) -> None:
    owner, stranger = await staff(square), await visitor(square)
    fields = {"mode": "closed", "closed": "We open in May.", "minimum_age": "18", "show_domain_blocks": "all"}
    assert (await owner.send("/manage/sign-up", page="/manage/sign-up", **fields)).status_code == 303
    assert square.services.settings.sign_up.mode is SignUpMode.CLOSED
    assert "We open in May." in await said(stranger, "/sign-up")
    fields |= {"mode": "approval", "question": "Who sent you?"}
    assert (await owner.send("/manage/sign-up", page="/manage/sign-up", **fields)).status_code == 303
    assert "Who sent you?" in await said(stranger, "/sign-up")
    refused = await owner.send("/manage/sign-up", page="/manage/sign-up", **fields | {"minimum_age": "old"})
    assert refused.status_code == 422
    assert "Who sent you?" in refused.text


async def test_lists_of_the_digest_are_offered_and_taken_away(square: Square) -> None:
    owner, ann = await staff(square), await square.person("ann")
    await digest.choose(square.db, ann.id, Choice(lists=("popular", "announcements"), every="day"), datetime.now(UTC))
    page = await said(owner, "/manage/digests")
    assert page.count("1 each day, 0 each week") == 2
    assert page.count("0 each day, 0 each week") == 1
    assert (
        await owner.send("/manage/digests", page="/manage/digests", **{"lists[]": "announcements"})
    ).status_code == 303
    assert square.services.settings.digest.lists == ("announcements",)
    assert 'value="popular"' not in await said(owner, "/settings/notifications")
    assert (await owner.send("/manage/digests", page="/manage/digests")).status_code == 303
    assert 'id="digest"' not in await said(owner, "/settings/notifications"), "no list is offered"


async def test_people_are_let_in_and_turned_away(square: Square) -> None:
    owner = await staff(square)
    people = [await square.person(name, approved=False, reason=f"I am {name}") for name in ("ann", "ben", "cat")]
    page = await said(owner, "/manage/approvals")
    assert "I am ann" in page
    one = await owner.send("/manage/approvals", page="/manage/approvals", decision=f"approve.{people[0].id}")
    assert one.status_code == 303
    batch = {"ids[]": str(people[1].id), "decision": "reject"}
    assert (await owner.send("/manage/approvals", page="/manage/approvals", **batch)).status_code == 303
    page = await said(owner, "/manage/approvals")
    assert "I am cat" in page
    assert "I am ann" not in page
    assert "I am ben" not in page
    none = await owner.send("/manage/approvals", page="/manage/approvals", decision="approve")
    assert none.status_code == 422
    assert (await audit.history(square.db, f"account:{people[0].id}"))[0].action == "account.approve"


async def test_somebody_is_found_warned_noted_and_suspended(square: Square) -> None:
    owner = await staff(square)
    ann = await square.person("ann")
    for asked in ("ann", "ann@town.example", "@ann"):
        assert f"/manage/people/{ann.id}" in await said(owner, f"/manage/people?q={asked}"), asked
    path = f"/manage/people/{ann.id}"
    silent = await owner.send(f"{path}/act", page=path, type="suspend")
    assert silent.status_code == 422
    assert "say why" in silent.text
    assert (await owner.send(f"{path}/act", page=path, type="suspend", text="Spam")).status_code == 303
    assert (await owner.send(f"{path}/notes", page=path, text="Came twice")).status_code == 303
    page = await said(owner, path)
    assert "Came twice" in page
    assert "Take the suspension back" in page
    assert (await owner.send(f"{path}/undo/unsuspend", page=path)).status_code == 303
    assert (await owner.send(f"{path}/role", page=path, role="moderator")).status_code == 303
    assert (await owner.send(f"{path}/reset", page=path)).status_code == 303
    assert (await owner.send(f"{path}/sign-out", page=path)).status_code == 303
    done = [one.action for one in await audit.history(square.db, f"account:{ann.id}")]
    assert done == [
        "account.sign_out", "account.reset_password", "account.role", "account.unsuspend", "note.create",
        "account.suspend",
    ]  # fmt: skip


async def test_nobody_decides_about_their_own_rank(square: Square) -> None:
    admin = await staff(square, "admin")
    other = await square.person("other", role="admin")
    path = f"/manage/people/{other.id}"
    assert "your own rank" in await said(admin, path)
    answer = await admin.send(f"{path}/act", page="/manage/place", type="suspend", text="No")
    assert answer.status_code == 403
    assert (await admin.send(f"{path}/role", page="/manage/place", role="user")).status_code == 403


async def test_an_account_is_deleted_by_its_name_only(square: Square) -> None:
    owner, ann = await staff(square), await square.person("ann")
    path = f"/manage/people/{ann.id}"
    await owner.send(f"{path}/act", page=path, type="suspend", text="Spam")
    await square.settle()
    await be_over(square, ann)
    assert (await owner.send(f"{path}/delete", page=path, name="anne")).status_code == 422
    assert (await owner.send(f"{path}/delete", page=path, name="@ann")).status_code == 303
    assert (await square.http.get("/@ann")).status_code in (404, 410)


async def test_failed_jobs_are_tried_again_or_thrown_away(square: Square) -> None:
    owner = await staff(square)
    for number in (1, 2, 3):
        await square.db.execute(
            """
            INSERT INTO failed_jobs (id, queue, kind, payload, effect, tries, error)
            VALUES ($1, 'mail', 'SendMail', '{"letter": "approved"}', 'send_mail', 13, 'ConnectionRefusedError()')
            """,
            number,
        )
    assert "ConnectionRefusedError" in await said(owner, "/manage/jobs")
    assert (await owner.send("/manage/jobs/1/retry", page="/manage/jobs")).status_code == 303
    assert await square.db.value("SELECT tries FROM jobs WHERE kind = 'SendMail' AND effect = 'send_mail'") == 0
    assert (await owner.send("/manage/jobs/1/retry", page="/manage/jobs")).status_code == 409
    all_of_it = {"kind": "SendMail", "effect": "send_mail"}
    assert (await owner.send("/manage/jobs/discard", page="/manage/jobs", **all_of_it)).status_code == 303
    assert "No job has failed" in await said(owner, "/manage/jobs")


async def test_figures_are_noted_and_drawn(square: Square) -> None:
    owner = await staff(square)
    now = datetime.now(UTC)
    await Pulse().note(square.db, square.services.census)
    for hours in range(1, 60):
        await square.db.execute(
            "INSERT INTO place_figures VALUES ($1, 'people', 5), ($1, 'requests', 10)", now - timedelta(hours=hours)
        )
    await Pulse().note(square.db, square.services.census)
    day = await said(owner, "/manage/health?span=day")
    assert '<path class="line"' in day
    kept = await square.db.value("SELECT count(*) FROM place_figures WHERE name = 'people'")
    assert kept < 60, "older than two days they are put together"
    whole = await square.db.value("SELECT sum(value) FROM place_figures WHERE name = 'requests'")
    assert whole == 590
    assert (await owner.get("/manage?span=century")).status_code == 404


async def test_invitations_are_made_and_ended(square: Square) -> None:
    owner = await staff(square)
    assert (await owner.send("/manage/invites", page="/manage/invites", uses="2", days="7")).status_code == 303
    found = re.search(r"sign-up\?invite=(\w+)", await said(owner, "/manage/invites"))
    assert found
    assert (await owner.send(f"/manage/invites/{found[1]}/end", page="/manage/invites")).status_code == 303
    assert found[1] not in await said(owner, "/manage/invites")
    assert (await owner.send("/manage/invites", page="/manage/invites", uses="0", days="7")).status_code == 422


async def test_rules_are_written_ordered_and_translated(square: Square) -> None:
    owner = await staff(square)
    for text in ("Be kind", "No spam"):
        assert (await owner.send("/manage/rules", page="/manage/rules", text=text)).status_code == 303
    first, second = [one["id"] for one in (await square.http.get("/api/v1/instance/rules")).json()]
    assert (await owner.send(f"/manage/rules/{second}/move/up", page="/manage/rules")).status_code == 303
    words = {"language": "de", "text": "Seid freundlich"}
    assert (await owner.send(f"/manage/rules/{first}", page="/manage/rules", **words)).status_code == 303
    rules = (await square.http.get("/api/v1/instance/rules")).json()
    assert [one["text"] for one in rules] == ["No spam", "Be kind"]
    assert rules[1]["translations"]["de"]["text"] == "Seid freundlich"
    refused = await owner.send(f"/manage/rules/{first}", page="/manage/rules", text="x" * 301, hint="Kept")
    assert refused.status_code == 422
    assert "Kept" in refused.text


async def test_terms_have_versions_and_are_announced(square: Square) -> None:
    owner = await staff(square)
    later = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%d")
    path = "/manage/documents/privacy"
    assert (await owner.send(path, page=path, body="We keep little.")).status_code == 303
    assert "We keep little." in await said(owner, "/privacy")
    coming = {"body": "We keep less.", "start": later, "announce": "true"}
    assert (await owner.send(path, page=path, **coming)).status_code == 303
    assert "We keep little." in await said(owner, "/privacy")
    assert "A new one from" in await said(owner, "/manage/documents")
    assert "privacy policy" in await said(owner, "/manage/announcements")
    assert (await owner.send(path, page=path, body=" ")).status_code == 422


async def test_announcements_are_made_changed_and_taken_back(square: Square) -> None:
    owner = await staff(square)
    path = "/manage/announcements"
    assert (await owner.send(path, page=path, text="Market on Saturday")).status_code == 303
    found = re.search(rf"{path}/(\d+)\"", await said(owner, path))
    assert found
    one = f"{path}/{found[1]}"
    assert (await owner.send(one, page=one, text="Market on Sunday")).status_code == 303
    assert "Market on Sunday" in await said(owner, path)
    half = await owner.send(path, page=path, text="Kept", starts="2027-01-01T10:00")
    assert half.status_code == 422
    assert "Kept" in half.text
    assert (await owner.send(f"{one}/delete", page=path)).status_code == 303
    assert "Nothing is announced" in await said(owner, path)


async def test_emojis_are_added_and_changed(square: Square) -> None:
    owner = await staff(square)
    token = await owner.token("/manage/emojis")
    fields = {"csrf": token, "shortcode": ":weir:", "category": "Town"}
    files = {"picture": ("weir.png", pictures.png(), "image/png")}
    answer = await owner.http.post("/manage/emojis", data=fields, files=files, headers=OURS)
    assert answer.status_code == 303, answer.text
    assert [one["shortcode"] for one in (await square.http.get("/api/v1/custom_emojis")).json()] == ["weir"]
    path = "/manage/emojis/weir"
    assert (await owner.send(path, page="/manage/emojis", category="Town", disabled="true")).status_code == 303
    assert (await square.http.get("/api/v1/custom_emojis")).json() == []
    assert (await owner.send(f"{path}/delete", page="/manage/emojis")).status_code == 303
    wrong = await owner.send("/manage/emojis", page="/manage/emojis", shortcode="no spaces")
    assert wrong.status_code == 422


async def test_lists_of_blocks_go_out_and_come_in_as_csv(square: Square) -> None:
    owner = await staff(square)
    path = "/manage/blocks/servers"
    fields = {"name": "far.example", "severity": "suspend", "public_comment": "=Spam"}
    assert (await owner.send(path, page=path, **fields)).status_code == 303
    out = await owner.get(f"{path}.csv")
    assert out.text.splitlines()[0] == (
        "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate,#expires_at"
    )
    assert "far.example,suspend,false,false,'=Spam,false," in out.text
    sent = "#domain,#severity\nfar.example,suspend\nnear.example,silence\nnot a domain,suspend\nodd.example,boom\n"
    form = {"csrf": await owner.token(path)}
    files = {"file": ("list.csv", sent.encode(), "text/csv")}
    answer = await owner.http.post(f"{path}/import", data=form, files=files, headers=OURS)
    assert answer.status_code == 422
    assert "not a domain" in answer.text
    assert "odd.example" in answer.text
    assert "near.example" in await said(owner, path)


@pytest.mark.parametrize(
    ("kept", "name"), [("providers", "spam.example"), ("addresses", "bad@spam.example"), ("networks", "192.0.2.0/24")]
)
async def test_each_list_takes_and_gives_back(square: Square, kept: str, name: str) -> None:
    owner = await staff(square)
    path = f"/manage/blocks/{kept}"
    assert (
        await owner.send(path, page=path, name=name, severity="sign_up_block")
    ).status_code == 303 or kept != "networks"
    if kept != "networks":
        assert (await owner.send(path, page=path, name=name)).status_code in (303, 422)
    found = re.search(rf"{path}/(\d+)/end", await said(owner, path))
    assert found
    assert (await owner.send(f"{path}/{found[1]}/end", page=path)).status_code == 303
    assert "Nothing is blocked" in await said(owner, path)
    wrong = await owner.send(path, page=path, name="::::")
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("kept", "name", "deed"),
    [
        ("servers", "far.example", "domain_block.delete"),
        ("providers", "spam.example", "email_domain_block.delete"),
        ("addresses", "bad@spam.example", "canonical_email_block.delete"),
        ("networks", "192.0.2.0/24", "ip_block.delete"),
    ],
)
async def test_what_is_blocked_for_a_while_ends_when_its_time_is_over(
    square: Square, kept: str, name: str, deed: str
) -> None:
    owner = await staff(square)
    path = f"/manage/blocks/{kept}"
    assert (await owner.send(path, page=path, name=name, expires_in="86400")).status_code == 303
    assert "ends" in await said(owner, path)
    out = await owner.get(f"{path}.csv")
    number = re.search(rf"{path}/(\d+)/end", await said(owner, path))
    assert number
    await owner.send(f"{path}/{number[1]}/end", page=path)
    files = {"file": ("list.csv", out.content, "text/csv")}
    await owner.http.post(f"{path}/import", data={"csrf": await owner.token(path)}, files=files, headers=OURS)
    assert "ends" in await said(owner, path), "a list says until when"
    await timed.end_timed(square.db)
    assert "ends" in await said(owner, path), "it is not over yet"
    for table in ("place_domain_blocks", "email_domain_blocks", "canonical_email_blocks", "ip_blocks"):
        await square.db.execute(f"UPDATE {table} SET expires_at = now()")
    await timed.end_timed(square.db)
    assert "Nothing is blocked" in await said(owner, path)
    last = await square.db.value("SELECT action FROM audit.log ORDER BY number DESC LIMIT 1")
    assert last == deed


async def test_the_log_shows_who_did_what_and_that_it_is_whole(square: Square) -> None:
    owner = await staff(square)
    await owner.send("/manage/rules", page="/manage/rules", text="Be kind")
    assert "added the rule" in await said(owner, "/manage/audit")
    assert "added the rule" in await said(owner, "/manage/audit?kind=rule.&who=boss")
    assert "added the rule" not in await said(owner, "/manage/audit?who=nobody")
    assert "nothing was changed since" in await said(owner, "/manage/audit/check")


async def test_a_place_can_keep_its_timelines_to_those_who_live_there(square: Square) -> None:
    owner, stranger = await staff(square), await visitor(square)
    assert (await square.http.get("/api/v1/timelines/public")).status_code == 200
    fields = {"welcome": ""}
    assert (await owner.send("/manage/front", page="/manage/front", **fields)).status_code == 303
    for path in ("/api/v1/timelines/public", "/api/v1/timelines/tag/weir"):
        assert (await square.http.get(path)).status_code == 401, path
    assert (await stranger.get("/public")).status_code == 303
    assert (await owner.get("/public")).status_code == 200
    instance = (await square.http.get("/api/v2/instance")).json()
    assert instance["configuration"]["timelines_access"]["live_feeds"]["local"] == "authenticated"


async def test_the_page_of_health_says_how_the_archive_is(square: Square, connection: asyncpg.Connection) -> None:
    owner = await staff(square)
    assert "townsquare archive init" in await said(owner, "/manage/health")
    now = datetime.now(UTC)
    target = TargetStatus("s3://square", 90, 400.0, 2048, 3, 0, 0, 1, now, now, now, now, now)
    status = Status(now, now, "c", 0, [target])
    await note(connection, msgspec.json.encode(status))
    page = await said(owner, "/manage/health")
    assert "400 seconds behind" in page
    assert "s3://square lacks the last 7 minutes" in page
