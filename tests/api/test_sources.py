"""Whom a statement of reasons names as those who brought something up: of its own things, and not of the whole case."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from tests.api.test_notices import ask, key
from tests.api.test_signals import SAYS, say
from tests.api.test_signals import key as machine_key
from tests.rooms.moderation.cases.desk import removed, review, reviewer
from tests.support.square import Person, Square
from tests.web.test_desk import THREAT
from tests.web.test_notices import sent
from townsquare.moderation.reasons.appeals import appeal

__all__ = ["sent"]

WAYS = ("report", "machine", "notice", "flagger")
FACTS = {
    "report": "It was reported by 2 users of the service. Two",
    "machine": "It was found by automated means. Two",
    "notice": "It was named in a notice under article 16. Two",
    "flagger": "It was named in a notice of a trusted flagger. Two",
}
NAMED = {
    "report": ("SOURCE_TYPE_OTHER_NOTIFICATION", "No", "AUTOMATED_DECISION_NOT_AUTOMATED"),
    "machine": ("SOURCE_VOLUNTARY", "Yes", "AUTOMATED_DECISION_PARTIALLY"),
    "notice": ("SOURCE_ARTICLE_16", "No", "AUTOMATED_DECISION_NOT_AUTOMATED"),
    "flagger": ("SOURCE_TRUSTED_FLAGGER", "No", "AUTOMATED_DECISION_NOT_AUTOMATED"),
}


async def brought_up(square: Square, way: str, author: Person, post: dict[str, Any], readers: list[Person]) -> None:
    if way == "machine":
        await say(square, await machine_key(square), json=SAYS | {"status_id": post["id"]})
    elif way == "report":  # by one of them again and again
        for reader in (*readers, readers[0], readers[0]):
            await reader.post("/api/v1/reports", account_id=str(author.id), status_ids=[post["id"]])
    else:
        sender = {"notice": "host", "flagger": "flagger"}[way]
        token = await key(square, f"Of {way}", "", sender)
        await ask(square, token, json={"urls": [post["url"]], "reason": "A threat of violence against a person"})
    await square.settle()


async def record(square: Square, author: Person) -> dict[str, Any]:
    """What the newest statement says."""
    sql = "SELECT record FROM statements WHERE account_id = $1 AND NOT interim ORDER BY id DESC LIMIT 1"
    return await square.db.value(sql, author.id)


@pytest.mark.parametrize("first", WAYS)
async def test_each_author_is_told_who_brought_up_what_is_theirs(
    square: Square, sent: list[EmailMessage], first: str
) -> None:
    """Whoever opened the case."""
    readers = [await square.person("cat"), await square.person("dan")]
    authors = {way: await square.person(f"by_{way}") for way in WAYS}
    for way in sorted(WAYS, key=lambda one: one != first):
        await brought_up(square, way, authors[way], await authors[way].say(THREAT), readers)
    case_id = await square.db.value("SELECT id FROM cases")
    assert await square.db.value("SELECT count(*) FROM cases") == 1
    await removed(square.db, case_id, datetime.now(UTC))
    await square.settle()
    told = await square.db.records("SELECT by_machine, unseen FROM outcomes")
    assert {tuple(one) for one in told} == {(False, False)}, "of what the machine found nobody here has said anything"
    for way, author in authors.items():
        said = await record(square, author)
        assert (said["source_type"], said["automated_detection"], said["automated_decision"]) == NAMED[way], way
        assert FACTS[way] in said["decision_facts"]
    if first != "report":
        return
    for way, author in authors.items():
        async with square.db.transaction() as tx:
            made = await appeal(tx, author.id, case_id, 1, "author", "A line of a play", datetime.now(UTC))
        await review(square.db, reviewer(3), made.case_id, "label", now=datetime.now(UTC))
        await square.settle()
        said = await record(square, author)
        assert said["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_LABELLED"]
        assert (said["source_type"], said["automated_detection"], said["automated_decision"]) == NAMED[way], way
        facts = FACTS[way].removesuffix("Two") + "It was looked at again after a complaint. One"
        assert facts in said["decision_facts"]
