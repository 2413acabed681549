"""The evidence of a case as an archive: who may make one, what is in it, and that another machine verifies it."""

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.test_media import sent as sent_picture
from tests.rooms.moderation.cases.desk import removed
from tests.rooms.moderation.notices.test_pack import verified
from tests.support.square import Square
from tests.web.test_desk import THREAT, at_desk, reported, said
from tests.web.test_notices import give
from townsquare.moderation import audit
from townsquare.moderation.evidence import archive, of_case

WHY = "Order 7 Js 12/26 of the court"


def manifest_of(answer: httpx.Response) -> dict[str, Any]:
    return json.loads(opened(answer).read("manifest.json"))


def opened(answer: httpx.Response) -> zipfile.ZipFile:
    assert answer.status_code == 200, answer.text
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def test_a_case_s_evidence_is_verified_without_us(square: Square, tmp_path: Path) -> None:
    ann, ben, owner = await square.person("ann"), await square.person("ben"), await at_desk(square, "own", "owner")
    picture = (await sent_picture(ann))["id"]
    case_id, post = await reported(square, ben, ann, media_ids=[picture])
    await ann.put(f"/api/v1/statuses/{post}", status="I meant it kindly, all of you", media_ids=[picture])
    await give(square, f"https://town.example/@ann/{post}")
    await square.settle()
    await removed(square.db, case_id, now=datetime.now(UTC))
    await square.settle()
    page = f"/desk/cases/{case_id}"
    assert "Make the archive" in await said(await owner.get(page))
    answer = await owner.send(f"{page}/evidence", page=page, why=WHY)
    assert answer.headers["content-disposition"] == f'attachment; filename="evidence-case-{case_id}.zip"'
    file, key = tmp_path / "case.zip", tmp_path / "key.txt"
    file.write_bytes(answer.content)
    key.write_text((await square.http.get("/.well-known/audit-log/key")).text)
    assert verified(file, key=key)["case"].startswith("as https://town.example made it")
    manifest = manifest_of(answer)
    assert (manifest["case"]["id"], manifest["case"]["action"]) == (str(case_id), "remove")
    assert manifest["made_for"] == WHY
    (item,) = manifest["items"]
    assert (item["id"], item["author"], item["kept"]) == (post, str(ann.id), [0, 1])
    made = opened(answer)
    assert [made.read(f"items/{number}.txt").decode() for number in item["kept"]] == [
        THREAT,
        "I meant it kindly, all of you",
    ]
    assert sum(name.startswith("files/0/") for name in made.namelist()) == 2, "the picture and its smaller copy"
    assert [one.get("comment") for one in manifest["reports"]] == ["Look at this", None]
    assert [one["reporter_id"] for one in manifest["reports"]] == [str(ben.id), None]
    assert [one["way"] for one in manifest["notices"]] == ["form"]
    assert b"ada@mail.example" not in answer.content
    entries = [json.loads(json.loads(line)["entry"]) for line in made.read("audit.jsonl").splitlines()]
    deciders = {str(one["actor_id"]) for one in entries if one["action"] in ("case.review", "case.decide")}
    assert {one["reviewer"] for one in manifest["decisions"]} == deciders
    assert manifest["statements"][0]["record"]["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]


async def test_what_is_left_out_is_counted(square: Square, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, owner = await square.person("ann"), await at_desk(square, "own", "owner")
    case_id, post = await reported(square, await square.person("ben"), ann)
    for name in ("cat", "dan"):
        other = await square.person(name)
        await other.post("/api/v1/reports", account_id=str(ann.id), status_ids=[post])
    await square.settle()
    page = f"/desk/cases/{case_id}"
    whole = manifest_of(await owner.send(f"{page}/evidence", page=page, why=WHY))
    assert (whole["left_out"], len(whole["reports"])) == ({"items": 0, "kept": False, "reports": 0, "entries": 0}, 3)
    monkeypatch.setattr(of_case, "VOICES", 1)
    monkeypatch.setattr(archive, "ENTRIES", 1)
    cut = await owner.send(f"{page}/evidence", page=page, why=WHY)
    left_out = manifest_of(cut)["left_out"]
    assert (left_out["reports"], left_out["entries"]) == (2, 2), "of a look, the first archive and this look the last"
    assert len(opened(cut).read("audit.jsonl").splitlines()) == 1


async def test_each_making_is_a_look_with_its_reason(square: Square) -> None:
    ann, ben, owner = await square.person("ann"), await square.person("ben"), await at_desk(square, "own", "owner")
    case_id, _ = await reported(square, ben, ann, "@ben I know where you live", visibility="direct")
    page = f"/desk/cases/{case_id}"
    nothing = await owner.send(f"{page}/evidence", page=page, why=" ")
    assert (nothing.status_code, "audit log" in nothing.text) == (422, True)
    assert await square.db.value("SELECT count(*) FROM looks") == 0
    made = await owner.send(f"{page}/evidence", page=page, why=WHY)
    assert manifest_of(made)["items"][0]["text"] == "@ben I know where you live"
    packed, looked = await audit.history(square.db, f"case:{case_id}")
    assert [(one.action, one.actor, one.reason) for one in (packed, looked)] == [
        ("case.pack", "@own", WHY),
        ("case.look", "@own", WHY),
    ]
    digest = archive.digest_of(opened(made).read("manifest.json"))
    assert packed.after == {"manifest": digest}
    looks = await square.db.records("SELECT way, target, private, why FROM looks")
    assert [tuple(one) for one in looks] == [("desk", f"case:{case_id}", True, WHY)]


async def test_it_is_for_those_with_the_role_legal_or_admin(square: Square) -> None:
    ann, ben, mod = await square.person("ann"), await square.person("ben"), await at_desk(square, "mod")
    case_id, _ = await reported(square, ben, ann)
    page = f"/desk/cases/{case_id}"
    assert "Make the archive" not in await said(await mod.get(page))
    assert (await mod.send(f"{page}/evidence", page=page, why=WHY)).status_code == 403
    number = await square.db.value("SELECT id FROM accounts WHERE username = 'mod'")
    await square.db.execute("INSERT INTO desk_members (account_id, role) VALUES ($1, 'legal')", number)
    assert (await mod.send(f"{page}/evidence", page=page, why=WHY)).status_code == 200
    assert (await mod.send("/desk/cases/1/evidence", page=page, why=WHY)).status_code == 404
