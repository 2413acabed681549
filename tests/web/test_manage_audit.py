"""The audit log as people read it: who did what to whom, what changed, found again by person, kind and day."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.support.square import Square
from tests.web.visitor import Visitor
from townsquare.moderation.audit import Entry
from townsquare.web.door.words import tongue
from townsquare.web.manage.deeds import SENTENCES, line_of


async def staff(square: Square, role: str = "owner", name: str = "boss") -> Visitor:
    await square.person(name, role=role)
    one = Visitor(square)
    await one.sign_in(name)
    return one


async def read(one: Visitor, path: str = "/manage/audit") -> str:
    """The page without markup."""
    answer = await one.get(path)
    assert answer.status_code == 200, answer.text
    main = answer.text.split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace(" .", ".")


async def test_an_entry_is_a_sentence_with_what_changed(square: Square) -> None:
    owner, ann = await staff(square), await square.person("ann")
    fields = {"type": "silence", "text": "Too loud at night"}
    assert (await owner.send(f"/manage/people/{ann.id}/act", page="/manage", **fields)).status_code == 303
    await owner.send(f"/manage/people/{ann.id}/role", page="/manage", role="moderator")
    await owner.send("/manage/roles/moderator", page="/manage", name="Guards", **{"permissions[]": ["VIEW_DASHBOARD"]})
    await owner.send("/manage/sign-up", page="/manage", mode="approval", minimum_age="18", show_domain_blocks="all")
    page = await read(owner)
    assert "@boss limited @ann." in page
    assert "Too loud at night" in page
    assert "@boss gave @ann another role." in page
    assert "Role Everybody → Moderator" in page
    assert "@boss changed the role Guards." in page
    assert re.search(r"May Let people in, limit and suspend them|May .*Decide on reports.* no more", page)
    assert "@boss changed the settings of the place." in page
    assert "Who gets in Everybody who asks → Those whom you let in" in page
    assert not re.search(r"None|T\d\d:\d\d:\d\d|settings\.update|account\.silence", page)
    assert "@boss limited @ann." in await read(owner, f"/manage/people/{ann.id}")


async def test_it_is_found_by_person_kind_and_day(square: Square) -> None:
    owner, other = await staff(square), await staff(square, "admin", "deputy")
    ann, ben = await square.person("ann"), await square.person("ben")
    for who, target in ((owner, ann), (other, ben)):
        await who.send(f"/manage/people/{target.id}/role", page="/manage", role="moderator")
    await owner.send("/manage/invites", page="/manage", uses="1", days="7")
    assert "@ben" not in await read(owner, "/manage/audit?who=@boss")
    assert "another role" not in await read(owner, "/manage/audit?kind=invite.")
    about = await read(owner, "/manage/audit?about=@ben")
    assert "@deputy gave @ben another role." in about
    assert "@ann" not in about
    today = datetime.now(UTC).date()
    assert "@ann" in await read(owner, f"/manage/audit?since={today - timedelta(1)}&until={today + timedelta(1)}")
    assert "Nothing of that kind" in await read(owner, f"/manage/audit?until={today - timedelta(2)}")
    assert "Nothing of that kind" in await read(owner, f"/manage/audit?since={today + timedelta(2)}")
    wrong = await owner.get("/manage/audit?since=soon")
    assert wrong.status_code == 422
    assert "is not a day" in wrong.text
    assert 'value="soon"' in wrong.text


async def test_it_can_be_taken_away_as_a_file(square: Square) -> None:
    owner, ann = await staff(square), await square.person("ann")
    await owner.send(f"/manage/people/{ann.id}/act", page="/manage", type="silence", text="=1+1")
    answer = await owner.get("/manage/audit.csv?kind=account.")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    row = next(csv.DictReader(io.StringIO(answer.text)))
    assert (row["action"], row["name"], row["reason"]) == ("account.silence", "'@ann", "'=1+1")
    entries = (await owner.get("/manage/audit.json")).json()
    assert msgspec.json.decode(entries[0]["entry"], type=Entry).action == "account.silence"
    assert (
        await square.db.value("SELECT encode(digest, 'hex') FROM audit.log WHERE number = $1", entries[0]["number"])
        == (entries[0]["digest"])
    )
    ordinary = await staff(square, "user", "nobody1")
    assert (await ordinary.get("/manage/audit.csv")).status_code == 404


async def test_strikes_are_a_history(square: Square) -> None:
    owner, ann = await staff(square), await square.person("ann")
    for action in ("none", "silence"):
        await owner.send(f"/manage/people/{ann.id}/act", page="/manage", type=action, text=f"Because of {action}")
    page = await read(owner, f"/manage/people/{ann.id}")
    history = page.split("What was decided")[1]
    assert "2 times" in history
    assert history.index("Because of silence") < history.index("Because of none")
    assert "@boss" in history


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("action", [*SENTENCES, "new.kind"])
def test_every_kind_of_deed_is_told(action: str, language: str) -> None:
    entry = Entry("2026-11-21T18:00:00.000Z", 7, "@<b>", "owner", action, "account:8", "@x<i>", after={"at_all": None})
    said = str(line_of(1, entry, tongue(language), None).sentence)
    assert "@&lt;b&gt;" in said
    assert "%(" not in said
    assert "<i>" not in said
