"""Cases as the desk leaves them, for tests of what follows from a decision."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.square import Person, Square
from townsquare.jobs import emit
from townsquare.kernel.ids import new_id
from townsquare.moderation.cases import store_decide
from townsquare.moderation.cases.events import CaseDecided, CaseHeld, CaseUndone

Post = dict[str, Any]


class Desk:
    """Who decides in these tests: everything follows at once."""

    def __init__(self, square: Square, reviewer: int = 0) -> None:
        self.square = square
        self.reviewer = reviewer

    async def case(self, *posts: Post, policy: str = "hate", about: Sequence[Person] = ()) -> int:
        """An open case about some posts, and about some people."""
        db, now, number = self.square.db, datetime.now(UTC), new_id()
        await db.execute(
            """
            INSERT INTO cases (id, origin, policy, severity, opened_at, due_at, updated_at)
            SELECT $1, 'staff', code, severity, $3::timestamptz, $3, $3 FROM policies WHERE code = $2
            """,
            number,
            policy,
            now,
        )
        items = [("status", int(one["account"]["id"]), int(one["id"])) for one in posts]
        for kind, owner, item in [*items, *(("account", one.id, one.id) for one in about)]:
            await db.execute(
                """
                INSERT INTO case_items (case_id, kind, owner_id, item_id, author_id, joined_at)
                VALUES ($1, $2, $3, $4, $3, $5)
                """,
                number,
                kind,
                owner,
                item,
                now,
            )
        return number

    async def hold(self, case_id: int) -> None:
        await self.square.db.execute("UPDATE cases SET held_at = now() WHERE id = $1", case_id)
        await self._say(CaseHeld(case_id, 1))

    async def decide(
        self, case_id: int, action: str, account: str = "none", *, lasting: timedelta | None = None
    ) -> None:
        """One review, which takes effect."""
        db, now = self.square.db, datetime.now(UTC)
        policy, round_ = (await db.records("SELECT policy, round FROM cases WHERE id = $1", case_id))[0]
        number = new_id()
        await db.execute(
            """
            INSERT INTO case_decisions (
                id, case_id, round, stage, reviewer_id, policy, action, account_action, until, said, made_at)
            VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, 'For this reason.', $9)
            """,
            number,
            case_id,
            round_,
            self.reviewer,
            policy,
            action,
            account,
            None if lasting is None else now + lasting,
            now,
        )
        await db.execute("UPDATE case_items SET open = false, action = $2 WHERE case_id = $1", case_id, action)
        await db.execute(
            """
            UPDATE cases SET state = 'decided', decided_at = $4, decision_id = $5, action = $2, account_action = $3,
                held_at = NULL, held_for = NULL
            WHERE id = $1
            """,
            case_id,
            action,
            account,
            now,
            number,
        )
        await self._say(CaseDecided(case_id, round_))

    async def say_decided(self, case_id: int) -> None:
        """Once more, as where something has joined it."""
        round_ = await self.square.db.value("SELECT round FROM cases WHERE id = $1", case_id)
        await self._say(CaseDecided(case_id, round_))

    async def undo(self, case_id: int) -> None:
        """Open again, for another round."""
        round_ = await self.square.db.value("SELECT round FROM cases WHERE id = $1", case_id)
        async with self.square.db.transaction() as tx:
            await store_decide.reopen(tx, case_id, None, datetime.now(UTC))
        await self._say(CaseUndone(case_id, round_))

    async def _say(self, event: CaseHeld | CaseDecided | CaseUndone) -> None:
        async with self.square.db.transaction() as tx:
            await emit(tx, event)
        await self.square.settle()


async def removed(square: Square, post: Post, action: str = "remove") -> tuple[Desk, int]:
    """A post of which something was decided."""
    desk = Desk(square)
    case_id = await desk.case(post)
    await desk.decide(case_id, action)
    return desk, case_id


async def case_of(desk: Desk, kind: str, owner: int, item: int) -> int:
    """An open case about something that is no post."""
    number = await desk.case()
    await desk.square.db.execute(
        """
        INSERT INTO case_items (case_id, kind, owner_id, item_id, author_id, joined_at) VALUES ($1, $2, $3, $4, $3, $5)
        """,
        number,
        kind,
        owner,
        item,
        datetime.now(UTC),
    )
    return number
