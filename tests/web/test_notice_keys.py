"""Keys for programs that give notice: made on a page, shown once, ended there."""

import re

from tests.support.square import Square
from tests.web.visitor import Visitor


async def test_a_key_is_made_shown_once_and_ended(square: Square) -> None:
    await square.person("boss", role="owner")
    boss = Visitor(square)
    await boss.sign_in("boss")
    page = "/manage/notice-keys"
    assert "No keys yet" in (await boss.get(page)).text
    given = {"name": "Cloud Example", "sender": "host"}
    wrong = await boss.send(page, page=page, **given, email="nonsense")
    assert wrong.status_code == 422
    assert 'value="Cloud Example"' in wrong.text
    made = await boss.send(page, page=page, **given, email="abuse@cloud.example")
    found = re.search(r'value="(notice-[\w-]{43})"', made.text)
    assert found
    me = {"authorization": f"Bearer {found[1]}"}
    assert (await square.http.get("/api/v1/notices", headers=me)).json() == []
    listed = (await boss.get(page)).text
    assert found[1] not in listed
    assert "Cloud Example" in listed
    assert found[1].encode() not in await square.db.value("SELECT token_hash FROM notice_keys")
    number = await square.db.value("SELECT id FROM notice_keys")
    assert (await boss.send(f"{page}/{number}/end", page=page)).status_code == 303
    assert (await boss.send(f"{page}/{number}/end", page=page)).status_code == 404
    assert (await square.http.get("/api/v1/notices", headers=me)).status_code == 401
    log = (await boss.get("/manage/audit?kind=notice_key.")).text
    assert "made a key for the notices of" in log
    assert "ended the key for the notices of" in log
