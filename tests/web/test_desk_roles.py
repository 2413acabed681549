"""Who may do what at the desk: every address there, tried with each role of the desk, about a case of each queue.

Nothing is open that does not say so: an address that is new stands in none of the tables, and fails here.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, get_args

import pytest

from tests.support.cases import Desk
from tests.support.square import Square
from tests.web.visitor import Visitor
from townsquare.moderation.cases.model import Queue
from townsquare.web.all_pages import PAGES

ROLES: Final = ("moderator", "senior", "policy", "legal", "admin", "none")
"""`none`: somebody who signs in, and is none of the staff."""
STAFF: Final = frozenset(ROLES) - {"none"}
CASES_OF: Final[Mapping[str, frozenset[str]]] = {
    "general": STAFF,
    "senior": STAFF - {"moderator"},
    "policy": frozenset({"policy", "admin"}),
    "legal": frozenset({"legal", "admin"}),
    "private": frozenset({"senior", "legal", "admin"}),
}
"""To whom the cases of each queue are open: whoever may not work them may not look at them either."""
POLICY: Final = frozenset({"policy", "admin"})
LEGAL: Final = frozenset({"legal", "admin"})
WHOLE: Final[Mapping[str, frozenset[str]]] = {
    "GET /desk": STAFF,
    "POST /desk/next": STAFF,
    "POST /desk/undo": STAFF,
    "POST /desk/ahead": STAFF,
    "POST /desk/ahead/end": STAFF,
    "POST /desk/ahead/shown": STAFF,
    "GET /desk/own": STAFF,
    "GET /desk/macros": STAFF,
    "GET /desk/macros/:id": STAFF,
    "POST /desk/macros": STAFF,
    "POST /desk/macros/:id": STAFF,
    "POST /desk/macros/:id/delete": STAFF,
    "GET /desk/quality": STAFF,
    "POST /desk/quality": POLICY,
    "GET /desk/holds": LEGAL,
    "POST /desk/holds": LEGAL,
    "POST /desk/holds/:id/lift": LEGAL,
    "GET /desk/people": frozenset({"admin"}),
    "POST /desk/people/jury": frozenset({"admin"}),
    "POST /desk/people/:id": frozenset({"admin"}),
    "POST /desk/people/:account/misuse/:id/undo": frozenset({"admin"}),
}
"""What is of no one case."""
OF_A_CASE: Final[Mapping[str, frozenset[str]]] = {
    "GET /desk/cases/:id": STAFF,
    "POST /desk/cases/:id/decide": STAFF,
    "POST /desk/cases/:id/snooze": STAFF,
    "POST /desk/cases/:id/hand-over": STAFF,
    "POST /desk/cases/:id/back": STAFF,
    "POST /desk/cases/:id/keep": STAFF,
    "POST /desk/cases/:id/look": STAFF,
    "POST /desk/cases/:id/part": STAFF,
    "POST /desk/cases/:id/give-back": STAFF,
    "POST /desk/cases/:id/undo": STAFF,
    "POST /desk/cases/:id/golden": POLICY,
    "POST /desk/cases/:id/evidence": LEGAL,
    "GET /desk/cases/:id/files/*key": STAFF,
    "POST /desk/cases/:id/notices/:notice/files/:position": STAFF,
}
"""What is of one: for those of these to whom its queue is open."""


def test_every_address_of_the_desk_says_whose_it_is() -> None:
    there = {f"{one.method} {one.path}" for one in PAGES if one.path == "/desk" or one.path.startswith("/desk/")}
    assert {*WHOLE, *OF_A_CASE} == there
    assert set(get_args(Queue)) == CASES_OF.keys()


async def somebody(square: Square, role: str) -> Visitor:
    """Who has that role at the desk."""
    rank = {"none": "user", "admin": "admin"}.get(role, "moderator")
    person = await square.person("somebody", role=rank)
    if rank == "moderator":
        await square.db.execute(
            "INSERT INTO desk_members (account_id, role, updated_at) VALUES ($1, $2, $3)",
            person.id, role, datetime.now(UTC),
        )  # fmt: skip
    one = Visitor(square)
    await one.sign_in("somebody")
    return one


OF_WHAT_IS_DECIDED: Final = ("POST /desk/cases/:id/undo", "POST /desk/cases/:id/golden")


async def allowed(one: Visitor, name: str, csrf: str, case_id: int = 1) -> bool:
    """Whether an address is for them. It may still answer that something is missing in a form."""
    method, _, path = name.partition(" ")
    path = (
        path.replace(":account", "1")
        .replace(":notice", "1")
        .replace(":position", "0")
        .replace(":id", str(case_id))
        .replace("*key", "x.png")
    )
    fields = {"policy": "hate", "action": "label", "csrf": csrf}
    answer = await (one.get(path) if method == "GET" else one.send(path, **fields))
    assert answer.status_code < 500, name
    return answer.status_code not in (403, 404)


async def as_before(square: Square, case_id: int, queue: str, state: str) -> None:
    """Whatever somebody did with a case."""
    await square.db.execute(
        """
        UPDATE cases SET queue = $2, state = $3, decided_at = CASE $3 WHEN 'decided' THEN now() END,
            action = CASE $3 WHEN 'decided' THEN 'label' END, account_action = CASE $3 WHEN 'decided' THEN 'none' END,
            locked_id = NULL, assigned_id = NULL, snoozed_until = NULL, stage = 1, last_word = false
        WHERE id = $1
        """,
        case_id,
        queue,
        state,
    )


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_opens_what_is_its_own_and_nothing_else(square: Square, role: str) -> None:
    ann, desk = await square.person("ann"), Desk(square)
    cases = {queue: await desk.case(await ann.say(f"Something for {queue}")) for queue in CASES_OF}
    one = await somebody(square, role)
    csrf = await one.token("/home")
    wrong: list[str] = []
    for name, who in WHOLE.items():
        found = await allowed(one, name, csrf)
        # What has number 1 is not there: whoever may, is told so.
        if found != (role in who) and not (role in who and ":id" in name):
            wrong.append(name)
    for queue, number in cases.items():
        for name, who in OF_A_CASE.items():
            await as_before(square, number, queue, "decided" if name in OF_WHAT_IS_DECIDED else "open")
            found = await allowed(one, name, csrf, number)
            may = role in who and role in CASES_OF[queue]
            if found != may and not (may and name.endswith(("/:position", "/*key"))):
                wrong.append(f"{name} in {queue}")
    assert wrong == []
