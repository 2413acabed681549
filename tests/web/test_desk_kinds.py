"""Every kind of case can be opened at the desk, whatever it came of and whatever was decided."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from tests.support.square import Square
from tests.web.test_desk import at_desk
from townsquare.kernel.ids import new_id
from townsquare.moderation.cases.model import AccountAction, Action, Kind, Origin


@pytest.mark.parametrize("kind", get_args(Kind))
async def test_a_case_of_each_kind_is_shown(square: Square, kind: str) -> None:
    ann = await square.person("ann")
    post = await ann.say("Something")
    boss, now = await at_desk(square, "boss", "owner"), datetime.now(UTC)
    prior, number = new_id(now), new_id(now)
    for case_id, before in ((prior, None), (number, prior)):
        await square.db.execute(
            """
            INSERT INTO cases (id, origin, policy, opened_at, due_at, updated_at, prior_id)
            VALUES ($1, 'staff', 'hate', $2, $2, $2, $3)
            """,
            case_id, now, before,
        )  # fmt: skip
    item = ann.id if kind == "account" else int(post["id"])
    await square.db.execute(
        """
        INSERT INTO case_items (case_id, kind, owner_id, item_id, author_id, joined_at) VALUES ($1, $2, $3, $4, $3, $5)
        """,
        number, kind, ann.id, item, now,
    )  # fmt: skip
    path = f"/desk/cases/{number}"
    if kind == "message":
        await boss.send(f"{path}/look", page=path, why="To see it")
    wrong: list[object] = []

    async def look(*what: object) -> None:
        page = await boss.get(path)
        if page.status_code != 200:
            wrong.append((*what, page.status_code))

    for origin in get_args(Origin):
        await square.db.execute("UPDATE cases SET origin = $2 WHERE id = $1", number, origin)
        await look(origin)
    done = [(one, "none") for one in get_args(Action)] + [("none", one) for one in get_args(AccountAction)]
    for action, account in done:
        await square.db.execute(
            "UPDATE cases SET state = 'decided', decided_at = now(), action = $2, account_action = $3 WHERE id = $1",
            number, action, account,
        )  # fmt: skip
        await look(action, account)
    assert wrong == []
