"""Deciding at the desk, and what people do about it."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.rooms.moderation.cases.desk import SENIOR, review, reviewer
from tests.support.smtp import MailServer, parts_of
from tests.support.square import Square
from tests.web.visitor import Visitor, visitor
from townsquare.moderation.cases.decide import undo
from townsquare.moderation.cases.model import Action


async def decided(square: Square, case_id: int, action: Action, *people: int, **given: Any) -> None:
    for number in people:
        await review(square.db, reviewer(number), case_id, action, now=datetime.now(UTC), **given)
    await square.settle()


async def taken_back(square: Square, case_id: int, *, again: bool) -> None:
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(SENIOR, "senior"), case_id, "It was about birds", datetime.now(UTC), again=again)
    await square.settle()


def letters_to(mail: MailServer, name: str) -> list[str]:
    """What stands in them, in one line each, the oldest first."""
    return [" ".join(parts_of(one)[0].split()) for one in mail.to(f"{name}@town.example")]


def link_in(mail: MailServer, name: str, page: str) -> str:
    """The newest link to a page in somebody's mail."""
    text, _ = parts_of(mail.to(f"{name}@town.example")[-1])
    found = re.findall(rf"https://town\.example({page}[\w-]*)", text)
    assert found, text
    return found[-1]


async def receipt_of(square: Square) -> str:
    """The page of the report."""
    return f"/settings/reports/{await square.db.value('SELECT id FROM reports')}"


async def reported_by(square: Square, name: str, case_id: int) -> tuple[Visitor, str]:
    """Somebody who reports the post of a case too, and the page of their report."""
    one = await visitor(square, name)
    post, target = (await square.db.records("SELECT item_id, author_id FROM case_items WHERE case_id = $1", case_id))[0]
    page = f"/report?post={post}"
    await one.send("/report", page=page, account=str(target), posts=[str(post)], category="other", comment="This")
    await square.settle()
    return one, f"/settings/reports/{await square.db.value('SELECT max(id) FROM reports')}"


async def contest(by: Visitor, receipt: str, case_id: int) -> str:
    """The page of a report after an appeal against what came of it."""
    sent = await by.send(f"{receipt}/appeal", page=receipt, case=str(case_id), text="Read it aloud")
    assert sent.headers["location"].startswith(receipt)
    return (await by.get(receipt)).text


async def appeal(by: Visitor, page: str, text: str = "It was a joke about birds") -> httpx.Response:
    return await by.send(f"{page}/appeal", page=page, text=text)


async def contested(square: Square) -> int:
    return await square.db.value("SELECT id FROM cases WHERE origin = 'appeal'")
