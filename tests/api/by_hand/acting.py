"""Acting by hand and at the desk, and what people are told of it."""

from datetime import UTC, datetime

import httpx

from tests.support.smtp import MailServer, parts_of
from tests.support.square import Person, Square
from tests.web.visitor import Visitor
from townsquare.moderation.cases import decide
from townsquare.moderation.cases.model import AccountAction, Review
from townsquare.moderation.cases.roles import Reviewer

STAFF = "read write follow push profile admin:read admin:write"


async def act(square: Square, by: Person, about: Person, action: str, **given: object) -> httpx.Response:
    answer = await by.request("POST", f"/api/v1/admin/accounts/{about.id}/action", json={"type": action} | given)
    await square.settle()
    return answer


async def undo(square: Square, by: Person, about: Person, word: str) -> None:
    await by.post(f"/api/v1/admin/accounts/{about.id}/{word}")
    await square.settle()


async def say(square: Square, by: int, account: AccountAction, case_id: int) -> None:
    """At the desk."""
    given = Review(policy="other", action="none", account_action=account)
    async with square.db.transaction() as tx:
        await decide.decide(tx, Reviewer(by, "@adm", "admin", "admin"), case_id, given, datetime.now(UTC))
    await square.settle()


async def the_case(square: Square) -> tuple[int, str, str | None]:
    (row,) = await square.db.records("SELECT id, state, account_action FROM cases WHERE origin = 'staff'")
    return row[0], row[1], row[2]


async def told(square: Square, about: Person) -> list[tuple[str, bool, bool]]:
    """What each statement says, whether it holds until it is decided, and whether it stands."""
    records = await square.db.records(
        """
        SELECT account_action, interim, undone_at IS NULL FROM statements WHERE account_id = $1 ORDER BY id
        """,
        about.id,
    )
    return [(record[0], record[1], record[2]) for record in records]


async def suspended(square: Square, about: Person) -> bool:
    return await square.db.value("SELECT suspended_at IS NOT NULL FROM accounts WHERE id = $1", about.id)


def letter(mail: MailServer, name: str) -> str:
    """The newest in somebody's mail."""
    return str(parts_of(mail.to(f"{name}@town.example")[-1])[0])


async def first_decision(square: Square, name: str, *, last: bool = False) -> httpx.Response:
    """The page of what was decided about somebody first, or last."""
    browser = Visitor(square)
    await browser.sign_in(name)
    numbers = await square.db.records(
        """
        SELECT s.id FROM statements s JOIN accounts a ON a.id = s.account_id WHERE a.username = $1
        ORDER BY s.made_at, s.id
        """,
        name,
    )
    return await browser.get(f"/settings/decisions/{numbers[-1 if last else 0][0]}")
