"""Notices by programs: with a key of the place, once for each reference, and each sees its own only."""

from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from typing import Any

import httpx
import pytest

from tests.architecture.test_statements import asked
from tests.rooms.moderation.cases.desk import removed, review, reviewer
from tests.support.smtp import MailServer
from tests.support.square import Square
from tests.web.test_notices import case_of, sent, text_of, threat
from townsquare.kernel.errors import Forbidden, Invalid
from townsquare.moderation.cases.decide import undo
from townsquare.moderation.model import Actor
from townsquare.moderation.notices import keys
from townsquare.moderation.reasons.appeals import appeal

__all__ = ["sent"]

OWNER = Actor(1, "@owner", "owner")


async def key(
    square: Square, name: str = "Cloud Example", email: str = "abuse@cloud.example", sender: str = "host"
) -> str:
    async with square.db.transaction() as tx:
        return await keys.make_key(tx, OWNER, name, email, sender, datetime.now(UTC))


async def ask(square: Square, token: str, method: str = "POST", path: str = "", **given: Any) -> httpx.Response:
    answer = await square.http.request(
        method, f"/api/v1/notices{path}", headers={"authorization": f"Bearer {token}"}, **given
    )
    await square.settle()
    return answer


async def test_a_program_gives_notice_and_asks_how_it_stands(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    token = await key(square)
    given = {"urls": [url], "reason": "A threat of violence against a person", "reference": "T-1"}
    made = (await ask(square, token, json=given)).json()
    assert (made["state"], made["policy"], made["reference"]) == ("open", "violent-threat", "T-1")
    assert [(one["url"], one["kind"], one["outcome"]) for one in made["items"]] == [(url, "status", "open")]
    assert sum(one["To"] == "abuse@cloud.example" for one in sent) == 1
    again = (await ask(square, token, json=given)).json()
    assert again["id"] == made["id"]
    assert await square.db.value("SELECT count(*) FROM notices") == 1
    await removed(square.db, (await case_of(square))["id"], datetime.now(UTC))
    await square.settle()
    shown = (await ask(square, token, "GET", f"/{made['id']}")).json()
    assert (shown["state"], shown["items"][0]["outcome"]) == ("decided", "remove")
    assert shown["items"][0]["text"] == "It is removed."
    assert (shown["items"][0]["decided_by"], shown["items"][0]["automated"]) == ("people", False)
    assert shown["answered_at"] is not None
    assert (await square.http.get(shown["evidence_url"])).headers["content-type"] == "application/zip"
    assert shown["url"] in text_of(sent[1])
    listed = (await ask(square, token, "GET", params={"reference": "T-1"})).json()
    assert [one["id"] for one in listed] == [made["id"]]


async def test_nobody_was_told_where_the_mail_server_refuses_the_address(mailing: Square, mail: MailServer) -> None:
    mail.unknown.add("abuse@cloud.example")
    _, url = await threat(mailing)
    token = await key(mailing)
    made = (await ask(mailing, token, json={"urls": [url], "reason": "A threat of violence against a person"})).json()
    await removed(mailing.db, (await case_of(mailing))["id"])
    await mailing.settle()
    shown = (await ask(mailing, token, "GET", f"/{made['id']}")).json()
    assert (shown["state"], shown["items"][0]["outcome"]) == ("decided", "remove")
    assert (shown["receipt_sent_at"], shown["answered_at"]) == (None, None)


async def test_what_a_host_has_told_of_is_not_put_back_by_one_alone(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    await ask(square, await key(square), json={"urls": [url], "reason": "A threat of violence against a person"})
    path = f"/api/v1/statuses/{url.rpartition('/')[2]}"
    case_id, one = (await case_of(square))["id"], reviewer(3)
    await removed(square.db, case_id)
    with pytest.raises(Forbidden, match="open it again"):
        async with square.db.transaction() as tx:
            await undo(tx, one, case_id, "It was satire", datetime.now(UTC), again=False)
    async with square.db.transaction() as tx:
        await undo(tx, one, case_id, "It was satire", datetime.now(UTC), again=True)
    await review(square.db, one, case_id, "none")
    await square.settle()
    assert (await square.http.get(path)).status_code == 404, "it is for two"
    await review(square.db, reviewer(4), case_id, "none")
    await square.settle()
    assert (await square.http.get(path)).status_code == 200


async def test_what_was_left_as_it_is_is_looked_at_again_when_a_host_gives_notice(
    square: Square, sent: list[EmailMessage]
) -> None:
    _, url = await threat(square)
    given = {"urls": [url], "reason": "A threat of violence against a person"}
    rights, host = await key(square, "Label", "", "rights_holder"), await key(square)

    async def stands(token: str) -> tuple[str, str]:
        made = (await ask(square, token, json=given)).json()
        shown = (await ask(square, token, "GET", f"/{made['id']}")).json()
        return shown["state"], shown["items"][0]["outcome"]

    assert await stands(rights) == ("open", "open")
    first = (await case_of(square))["id"]
    await review(square.db, reviewer(3, "legal"), first, "none", policy="violent-threat")
    await square.settle()
    assert await stands(rights) == ("decided", "none")
    assert await stands(host) == ("open", "open"), "it does not stay unseen"
    (case_id,) = [one[0] for one in await square.db.records("SELECT id FROM cases WHERE state = 'open'")]
    assert await square.db.value("SELECT prior_id FROM cases WHERE id = $1", case_id) == first
    await removed(square.db, case_id)
    await square.settle()
    assert await stands(host) == ("decided", "remove"), "what is gone is gone"


async def test_a_program_contests_that_something_stays(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    rights, other = await key(square, "Label", "", "rights_holder"), await key(square)
    made = (await ask(square, rights, json={"urls": [url], "reason": "A threat of violence"})).json()
    path, given = f"/{made['id']}/appeal", {"text": "Read the last line"}
    assert (await ask(square, rights, "POST", path, json=given)).status_code == 409, "nothing is decided"
    await review(square.db, reviewer(3, "legal"), (await case_of(square))["id"], "none", policy="violent-threat")
    await square.settle()
    assert (await ask(square, other, "POST", path, json=given)).status_code == 404
    assert (await ask(square, rights, "POST", path, json={"text": ""})).status_code == 422
    again = (await ask(square, rights, "POST", path, json=given)).json()
    assert (again["state"], again["items"][0]["outcome"]) == ("open", "open")
    number = await square.db.value("SELECT case_id FROM appeals WHERE text = $1", given["text"])
    await review(square.db, reviewer(4, "legal"), number, "remove", policy="violent-threat")
    await square.settle()
    shown = (await ask(square, rights, "GET", f"/{made['id']}")).json()
    assert (shown["state"], shown["items"][0]["outcome"]) == ("decided", "remove")
    assert (await ask(square, rights, "POST", path, json=given)).status_code == 409


async def test_the_record_names_a_trusted_flagger_as_the_source(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    token = await key(square, "Hotline", "", "flagger")
    await ask(square, token, json={"urls": [url], "reason": "A threat of violence against a person"})
    await removed(square.db, (await case_of(square))["id"])
    await square.settle()
    record = await square.db.value("SELECT record FROM statements WHERE NOT interim")
    assert record["source_type"] == "SOURCE_TRUSTED_FLAGGER"


async def test_a_notice_is_answered_while_somebody_appeals(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    given = {"urls": [url], "reason": "A threat of violence against a person"}
    await ask(square, await key(square), json=given)
    case_id = (await case_of(square))["id"]
    await removed(square.db, case_id)
    await square.settle()
    author = await square.db.value("SELECT account_id FROM statements WHERE NOT interim")
    async with square.db.transaction() as tx:
        await appeal(tx, author, case_id, 1, "author", "It was a joke", datetime.now(UTC))
    token = await key(square, "Another host", "abuse@other.example")
    made = (await ask(square, token, json=given)).json()
    shown = (await ask(square, token, "GET", f"/{made['id']}")).json()
    assert (shown["state"], shown["items"][0]["outcome"]) == ("decided", "remove")
    assert shown["answered_at"] is not None


async def test_each_key_sees_its_own_and_ends(square: Square) -> None:
    first, other = await key(square), await key(square, "Somebody else", "")
    made = (await ask(square, first, json={"reason": "Something", "reference": "A"})).json()
    assert (await ask(square, other, "GET", f"/{made['id']}")).status_code == 404
    assert (await ask(square, other, "GET")).json() == []
    assert (await ask(square, other, json={"reason": "Something", "reference": "A"})).json()["id"] != made["id"]
    number = await square.db.value("SELECT id FROM notice_keys WHERE name = 'Cloud Example'")
    async with square.db.transaction() as tx:
        await keys.end_key(tx, OWNER, number, datetime.now(UTC))
    refused = await ask(square, first, "GET")
    assert refused.status_code == 401
    assert refused.json() == {"error": "The key for notices is invalid"}


async def test_what_is_wrong_is_named_and_no_other_token_opens(square: Square) -> None:
    token, ann = await key(square), await square.person("ann")
    wrong = await ask(square, token, json={"urls": ["town.example/1"], "reason": " ", "reference": "x" * 201})
    assert wrong.status_code == 422
    assert wrong.json()["details"].keys() == {"urls", "reason", "reference"}
    assert (await ask(square, token, json={"reason": "x", "policy": "nonsense"})).status_code == 422
    assert (await ask(square, ann.token, json={"reason": "x"})).status_code == 401
    assert (await ann.request("GET", "/api/v1/notices")).status_code == 401
    me = {"authorization": f"Bearer {token}"}
    assert (await square.http.get("/api/v1/accounts/verify_credentials", headers=me)).status_code == 401
    assert (await square.http.post("/api/v1/notices", json={"reason": "x"})).status_code == 401
    assert await square.db.value("SELECT count(*) FROM notices") == 0


async def test_a_longer_list_does_not_ask_more_often(square: Square) -> None:
    token = await key(square)
    counts: list[int] = []
    for _ in range(2):
        for _ in range(2):
            await ask(square, token, json={"reason": "Something", "urls": ["https://town.example/@x/1"]})
        me = {"authorization": f"Bearer {token}"}
        counts.append(await asked(square, partial(square.http.get, "/api/v1/notices", headers=me)))
    assert counts == [3, 3]


async def test_files_come_in_a_form(square: Square) -> None:
    token = await key(square)
    files = [("files[]", ("list.csv", b"a,b", "text/csv"))]
    made = await ask(square, token, data={"reason": "See the list", "urls[]": "https://town.example/@x/1"}, files=files)
    assert made.status_code == 200, made.text
    assert await square.db.value("SELECT name FROM notice_files") == "list.csv"


@pytest.mark.parametrize(
    ("name", "email", "sender"), [("", "", "host"), ("A", "nonsense", "host"), ("A", "", "person")]
)
async def test_a_key_has_a_name_and_somebody_behind_it(square: Square, name: str, email: str, sender: str) -> None:
    with pytest.raises(Invalid):
        async with square.db.transaction() as tx:
            await keys.make_key(tx, OWNER, name, email, sender, datetime.now(UTC))
