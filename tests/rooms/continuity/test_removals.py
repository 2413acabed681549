"""What was deleted stays deleted, also in a place that is brought back to a moment before that."""

import shutil
import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.live import Live, Person, live, run
from tests.rooms.continuity.test_archive import kill_everything, upload, wait_for
from tests.support.square import Square
from townsquare.accounts.profile import Changes, update_profile
from townsquare.continuity.archive.model import Asked, Edited, Profile, Removal
from townsquare.continuity.archive.removals import EDIT, PROFILE, again
from townsquare.kernel.ids import AccountId
from townsquare.statuses import messages

POLL = {"options": ["tea", "my secret"], "expires_in": 600}


class Left(msgspec.Struct, frozen=True):
    """An archive, its key, and a moment at which everything was there still."""

    target: Path
    key: Path
    moment: str
    author: Person
    leaver: Person
    kept: str
    deleted: str
    picture: str
    farewell: str
    edited: str
    message: str


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Generator[Left]:
    folder = tmp_path_factory.mktemp("removals")
    data, target, kept = folder / "data", folder / "target", folder / "keys"
    with live(data, "--workers", "1", "--set", "archive.test=false") as service:
        author, leaver = service.person("writer"), service.person("leaver")
        assert service.run("archive", "init", str(target), "--write-keys", str(kept)).returncode == 0
        picture = upload(service, author)
        stays = post(service, author, "this stays")
        goes = post(service, author, "this goes", media_ids=[picture["id"]])
        farewell = post(service, leaver, "goodbye")
        change(service, author, note="my number is 555 0199", fields=True)
        edited = post(service, author, "call me on 555 0100")
        message = post(service, author, "the word is swordfish", visibility="direct")
        wait_for(service, lambda one: one.bases and not one.uploads_waiting and not one.lag_bytes)
        time.sleep(1.5)
        moment = datetime.now(UTC).isoformat()
        time.sleep(1.5)
        headers = {"Authorization": f"Bearer {author.token}"}
        assert httpx.delete(f"{service.url}/api/v1/statuses/{goes}", headers=headers, timeout=30).status_code == 200
        assert service.run("account", "delete", "leaver", "--yes").returncode == 0
        assert change(service, author, note="ask somebody else")["note"] == "<p>ask somebody else</p>"
        for status, text in ((edited, "call me some day"), (message, "the word is gone")):
            where = f"{service.url}/api/v1/statuses/{status}"
            assert httpx.put(where, headers=headers, json={"status": text}, timeout=30).status_code == 200
        deadline = time.monotonic() + 60
        while not list(target.glob("chains/*/gone/*")):
            assert time.monotonic() < deadline, "it was not told"
            time.sleep(0.2)
        time.sleep(3)
        wait_for(service, lambda one: not one.lag_bytes)
        kill_everything(service)
        shutil.rmtree(data)
        key = kept / "recovery-key.txt"
        yield Left(target, key, moment, author, leaver, stays, goes, picture["url"], farewell, edited, message)


def post(service: Live, person: Person, text: str, **more: object) -> str:
    answer = service.post("/api/v1/statuses", person.token, status=text, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def change(service: Live, person: Person, *, note: str, fields: bool = False) -> dict[str, Any]:
    """Their profile."""
    said = {"note": note}
    if fields:
        said |= {"fields_attributes[0][name]": "Web", "fields_attributes[0][value]": "x"}
    where = f"{service.url}/api/v1/accounts/update_credentials"
    answer = httpx.patch(where, headers={"Authorization": f"Bearer {person.token}"}, data=said, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def restored(left: Left, data: Path, *options: str) -> str:
    done = run("restore", str(left.target), "--key", str(left.key), "--data", str(data), "--at", left.moment, *options)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def path_of(picture: str) -> str:
    return "/media/" + picture.partition("/media/")[2]


def test_it_is_not_served_after_a_restore_to_a_moment_before(left: Left, tmp_path: Path) -> None:
    said = restored(left, tmp_path / "back")
    assert "Deleted again" in said
    assert "Edited again" in said
    with live(tmp_path / "back", "--workers", "1") as service:
        assert service.get(f"/api/v1/statuses/{left.kept}", left.author.token).status_code == 200
        assert service.get(f"/api/v1/statuses/{left.deleted}", left.author.token).status_code == 404
        assert service.get(path_of(left.picture)).status_code == 404
        assert service.get(f"/api/v1/statuses/{left.farewell}").status_code == 404
        assert service.get("/api/v1/timelines/home", left.leaver.token).status_code in (401, 403)
        shown = service.get("/api/v1/accounts/verify_credentials", left.author.token).json()
        assert (shown["note"], [one["name"] for one in shown["fields"]]) == ("<p>ask somebody else</p>", ["Web"])
        for status, text in ((left.edited, "call me some day"), (left.message, "the word is gone")):
            shown = service.get(f"/api/v1/statuses/{status}", left.author.token).json()
            assert text in shown["content"]


def test_it_comes_back_where_the_operator_says_so(left: Left, tmp_path: Path) -> None:
    said = restored(left, tmp_path / "back", "--keep-deleted")
    assert "Deleted again" not in said
    with live(tmp_path / "back", "--workers", "1") as service:
        assert service.get(f"/api/v1/statuses/{left.deleted}", left.author.token).status_code == 200
        assert service.get(path_of(left.picture)).status_code == 200
        assert "555 0100" in service.get(f"/api/v1/statuses/{left.edited}", left.author.token).json()["content"]


async def test_a_profile_says_what_it_said_last_and_shows_no_picture_of_before(square: Square) -> None:
    """As the archive is told of it: the texts, the pictures' names, and that a passkey is gone."""
    ann = await square.person("ann")
    icon = Path(__file__).parents[3] / "src" / "townsquare" / "web" / "static" / "icon-192.png"

    async def change(**fields: str) -> dict[str, Any]:
        files = {name: ("one.png", icon.read_bytes(), "image/png") for name in ("avatar", "header")}
        return (await ann.request("PATCH", "/api/v1/accounts/update_credentials", data=fields, files=files)).json()

    before = await change(display_name="My old name", note="Call me on 555 0100")
    async with square.db.transaction() as tx:
        begin = await tx.value("SELECT coalesce(max(number), 0) FROM removals")
        await update_profile(
            tx,
            AccountId(ann.id),
            Changes(display_name="Ann", note="", fields=[("Web", "mine")], avatar=None),
            settings=square.services.settings,
        )
        sql = "SELECT DISTINCT kind, item_id FROM removals WHERE account_id = $1 AND number > $2"
        assert [tuple(one) for one in await tx.records(sql, ann.id, begin)] == [(PROFILE, ann.id)]
    kept = await square.db.value("SELECT header_key FROM accounts WHERE id = $1", ann.id)
    told = Profile("Ann", "", (("Web", "mine"),), None, kept)
    again_so = await change(display_name="My old name", note="Call me on 555 0100")
    assert again_so["avatar"] != before["avatar"]
    removal = Removal(ann.id, PROFILE, ann.id, datetime.now(UTC), profile=told)
    done = await again(square.db, [removal], square.services.settings)
    assert done.edits == 1
    assert any(key in again_so["avatar"] for key in done.files)
    shown = await ann.get("/api/v1/accounts/verify_credentials")
    assert (shown["display_name"], shown["note"]) == ("Ann", "")
    assert [one["name"] for one in shown["fields"]] == ["Web"]
    assert "/media/" not in shown["avatar"] + shown["header"]
    assert (await again(square.db, [removal], square.services.settings)).edits == 0


async def test_a_post_of_which_an_edit_left_nothing_that_came_back_goes(square: Square) -> None:
    ann = await square.person("ann")
    posted = await ann.post("/api/v1/statuses", status="what I should not have said")
    left = Edited("", "", sensitive=False, language="en", media=((7, "a picture of after"),), poll=None)
    removal = Removal(ann.id, EDIT, int(posted["id"]), datetime.now(UTC), left)
    done = await again(square.db, [removal], square.services.settings)
    assert done.edits == 1
    assert (await ann.request("GET", f"/api/v1/statuses/{posted['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("visibility", "ends"),
    [("public", timedelta(hours=1)), ("public", timedelta(hours=-1)), ("direct", timedelta(hours=1))],
)
async def test_a_poll_asks_again_what_it_asked_since_an_edit(square: Square, visibility: str, ends: timedelta) -> None:
    """Also one that is over by now, and that of a message, whose options are sealed."""
    ann, options, now = await square.person("ann"), ["tea", "milk", "water"], datetime.now(UTC)
    number = int((await ann.post("/api/v1/statuses", status="what?", visibility=visibility, poll=POLL))["id"])
    keys = square.db.keys
    kept = messages.close_all(keys, messages.about(ann.id, number), options) if visibility == "direct" else options
    asked = Asked(tuple(kept), multiple=True, hide_totals=False, expires_at=now + ends)
    removal = Removal(
        ann.id, EDIT, number, now, Edited("what?", "", sensitive=False, language="en", media=(), poll=asked)
    )
    assert (await again(square.db, [removal], square.services.settings)).edits == 1
    shown = (await ann.get(f"/api/v1/statuses/{number}"))["poll"]
    assert [one["title"] for one in shown["options"]] == options
    assert shown["multiple"]
    assert shown["expired"] == (ends < timedelta(0))
    assert abs(datetime.fromisoformat(shown["expires_at"]) - now - ends) < timedelta(seconds=5)


async def test_a_poll_that_an_edit_took_away_is_not_asked_again(square: Square) -> None:
    ann = await square.person("ann")
    number = int((await ann.post("/api/v1/statuses", status="what?", poll=POLL))["id"])
    edited = Edited("nothing", "", sensitive=False, language="en", media=(), poll=None)
    removal = Removal(ann.id, EDIT, number, datetime.now(UTC), edited)
    assert (await again(square.db, [removal], square.services.settings)).edits == 1
    assert (await ann.get(f"/api/v1/statuses/{number}"))["poll"] is None


async def test_what_an_edit_left_as_it_was_is_not_edited_again(square: Square) -> None:
    ann = await square.person("ann")
    posted = await ann.post("/api/v1/statuses", status="as it was", language="en")
    same = Edited("as it was", "", sensitive=False, language="en", media=(), poll=None)
    removal = Removal(ann.id, EDIT, int(posted["id"]), datetime.now(UTC), same)
    assert (await again(square.db, [removal], square.services.settings)).edits == 0
    assert (await ann.get(f"/api/v1/statuses/{posted['id']}"))["edited_at"] is None


async def test_whoever_takes_something_away_waits_for_the_other_host(square: Square) -> None:
    async def waits() -> str:
        return str(await square.db.value("SELECT current_setting('synchronous_commit')"))

    ann = await square.person("ann")
    kept = await ann.post("/api/v1/statuses", status="that I keep")
    gone = await ann.post("/api/v1/statuses", status="that I take away")
    for act in (
        lambda: ann.put(f"/api/v1/statuses/{kept['id']}", status="otherwise"),
        lambda: ann.delete(f"/api/v1/statuses/{gone['id']}"),
    ):
        await square.db.execute("SET LOCAL synchronous_commit = local")
        await ann.post("/api/v1/statuses", status="and another")
        assert await waits() == "local"
        await act()
        assert await waits() == "on"


async def test_what_a_job_takes_away_waits_for_nobody(square: Square) -> None:
    ann = await square.person("ann")
    gone = await ann.post("/api/v1/statuses", status="that a job takes away")
    await square.db.execute("SET LOCAL synchronous_commit = off")
    await ann.delete(f"/api/v1/statuses/{gone['id']}")
    assert await square.db.value("SELECT current_setting('synchronous_commit')") == "off"


def test_what_is_told_to_the_archive_says_nothing_without_the_key(left: Left) -> None:
    for file in left.target.glob("chains/*/gone/*"):
        content = file.read_bytes()
        assert content.startswith(b"age-encryption.org/v1")
        assert left.deleted.encode() not in content
        assert int(left.deleted).to_bytes(8, "big") not in content
