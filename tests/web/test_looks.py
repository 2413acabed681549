"""Nobody of the staff reads what is private without saying why: held against every address that the staff have."""

import io
import json
import zipfile
from typing import Final

import msgspec
import pytest

from tests.api.test_media import sent as sent_picture
from tests.rooms.moderation.cases.desk import NOW, review, reviewer
from tests.support.square import Square
from tests.web.test_desk import at_desk, reported, said
from tests.web.visitor import Visitor
from townsquare.api.all_routes import API
from townsquare.kernel.settings import Notices
from townsquare.moderation.audit import history
from townsquare.moderation.notices import mail, pack, store
from townsquare.web.all_pages import PAGES

SECRET: Final = "the key is under the third stone"
KEPT: Final = "only my followers know the date"
WAYS: Final = [
    *(("page", one.path) for one in PAGES if one.method == "GET" and one.path.startswith(("/manage", "/desk"))),
    *(("method", one.path) for one in API if one.method == "GET" and "/admin/" in one.path),
]


def addresses(path: str, numbers: list[int]) -> list[str]:
    if ":" not in path:
        return [path]
    return [
        "/".join(str(number) if part == ":id" else part.removeprefix(":") for part in path.split("/"))
        for number in numbers
    ]


@pytest.fixture
async def boss(square: Square) -> Visitor:
    return await at_desk(square, "boss", "owner")


async def test_no_address_of_the_staff_tells_what_is_private_to_who_did_not_say_why(
    square: Square, boss: Visitor
) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    owner = await square.person("chief", "read admin:read", role="owner")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await square.settle()
    cases, posts = [], []
    for text, visibility in ((f"@ann {SECRET}", "direct"), (KEPT, "private")):
        case_id, post = await reported(square, ann, ben, text, visibility=visibility)
        cases.append(case_id)
        posts.append(int(post))
    reports = [record[0] for record in await square.db.records("SELECT id FROM reports")]
    numbers = [*cases, *reports, *posts, ann.id, ben.id]
    told: list[str] = []
    asked = 0
    for kind, path in WAYS:
        for address in addresses(path, numbers):
            answer = await (boss.get(address) if kind == "page" else owner.request("GET", address))
            asked += answer.status_code == 200
            told += [address for secret in (SECRET, KEPT) if secret in answer.text]
    assert told == []
    assert asked > len(WAYS) / 2, "the addresses are not found any more"
    assert await square.db.value("SELECT count(*) FROM looks WHERE private") == 0


@pytest.mark.parametrize("way", ["desk", "api"])
@pytest.mark.parametrize("kind", ["direct", "private", "direct and deleted"])
async def test_each_look_at_what_is_private_leaves_who_and_why(
    square: Square, boss: Visitor, kind: str, way: str
) -> None:
    """At the desk, and by an app of the staff; also when its author has deleted it since."""
    ann, ben = await square.person("ann"), await square.person("ben")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    case_id, post = await reported(square, ann, ben, f"@ann {SECRET}", visibility=kind.partition(" ")[0])
    if kind.endswith("deleted"):
        await ben.delete(f"/api/v1/statuses/{post}")
        await square.settle()
    report = await square.db.value("SELECT id FROM reports")
    target = f"case:{case_id}" if way == "desk" else f"report:{report}"
    shown: list[bool] = []
    if way == "desk":
        path = f"/desk/cases/{case_id}"
        shown.append(SECRET in (await boss.get(path)).text)
        await boss.send(f"{path}/look", page=path, why="It was reported")
        shown += [SECRET in (await boss.get(path)).text for _ in range(2)]
    else:
        chief, path = await square.person("chief", "admin:read", role="owner"), f"/api/v1/admin/reports/{report}"
        shown.append(SECRET in str(await chief.get(path)))
        shown.append(SECRET in str(await chief.get(path, reason="It was reported")))
        shown.append(SECRET in str(await chief.get(path)))
    assert shown == [False, True, True], "once it is said why, it holds an hour"
    looks = await square.db.records("SELECT way, target, private, why FROM looks WHERE private")
    assert [tuple(one) for one in looks] == [(way, target, True, "It was reported")]
    entries = [(one.action, one.reason) for one in await history(square.db, target) if one.action.endswith(".look")]
    assert entries == [(f"{target.partition(':')[0]}.look", "It was reported")]


@pytest.mark.parametrize("visibility", ["direct", "private"])
async def test_what_a_host_names_that_is_private_is_not_in_the_evidence_that_it_gets(
    square: Square, visibility: str
) -> None:
    """Somebody passed its address on. It is a case; what it says is for those who may read it."""
    ann = await square.person("ann")
    picture = (await sent_picture(ann))["id"]
    post = await ann.say(f"@ann {SECRET}", visibility=visibility, media_ids=[picture])
    settings = msgspec.structs.replace(square.services.settings, notices=Notices(hosts=("cloud.example",)))
    letter = f"From: abuse@cloud.example\nSubject: Ticket\nMessage-ID: <m@x>\n\nViolent: {post['url']}"
    notice = await mail.take_mail(square.db, settings, letter.encode())
    await square.settle()
    for number in (1, 2):
        await review(square.db, reviewer(number, "senior"), await square.db.value("SELECT id FROM cases"), "remove")
    await square.settle()
    (decided,) = await store.by_ids(square.db, [notice.id])
    made = zipfile.ZipFile(io.BytesIO(await pack.make(square.db, square.services.storage, settings, decided, NOW)))
    manifest = json.loads(made.read("manifest.json"))
    assert SECRET not in "".join(made.read(name).decode("latin-1") for name in made.namelist())
    assert not [name for name in made.namelist() if name.startswith(("items/", "files/"))]
    assert [(one["url"], one["action"], one["file"]) for one in manifest["items"]] == [(post["url"], "remove", None)]
    assert "items/0.json" in [one["name"] for one in manifest["not_enclosed"]]


async def test_the_owner_reads_who_looked_and_why(square: Square, boss: Visitor) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ann, ben, f"@ann {SECRET}", visibility="direct")
    public, _ = await reported(square, ann, ben)
    assert "Nobody has looked" in await said(await boss.get("/manage/looks"))
    path = f"/desk/cases/{case_id}"
    await boss.send(f"{path}/look", page=path, why="A threat may stand in it")
    assert SECRET in await said(await boss.get(path))
    await boss.get(f"/desk/cases/{public}")
    page = await said(await boss.get("/manage/looks"))
    assert "A threat may stand in it" in page
    assert f'href="{path}"' in page
    assert f"/desk/cases/{public}" not in page
    assert f"/desk/cases/{public}" in await said(await boss.get("/manage/looks?all=true"))
    assert "A threat may" in await said(await boss.get("/manage/looks?who=@boss"))
    assert (await boss.get("/manage/looks?who=@nobody")).status_code == 422
    mod = await at_desk(square, "mod")
    assert (await mod.get("/manage/looks")).status_code == 404
