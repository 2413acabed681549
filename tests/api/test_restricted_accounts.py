"""What a decision does about people: as the staff do it, for a while, taken back; and strikes, which expire."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.cases import Desk
from tests.support.square import Person, Square
from tests.web.visitor import OURS, Visitor
from townsquare.kernel.ids import AccountId
from townsquare.moderation import audit, removal
from townsquare.moderation.actions import perform
from townsquare.moderation.cases import apply
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.reasons import appeals


async def decided(square: Square, person: Person, account: str, **more: Any) -> tuple[Desk, int, dict[str, Any]]:
    """Something of a post, and of whoever wrote it."""
    desk, post = Desk(square), await person.say("Against the rules")
    case_id = await desk.case(post)
    await desk.decide(case_id, "label", account, **more)
    return desk, case_id, post


async def strikes(square: Square, person: Person) -> list[tuple[str, bool]]:
    """What each says, and whether it stands."""
    records = await square.db.records(
        "SELECT action, undone_at IS NULL FROM strikes WHERE account_id = $1 ORDER BY id", person.id
    )
    return [(record[0], record[1]) for record in records]


@pytest.mark.parametrize(
    ("account", "strike"),
    [("warn", "none"), ("sensitive", "sensitive"), ("limit", "silence"), ("freeze", "freeze"), ("suspend", "suspend")],
)
async def test_each_is_done_told_of_by_a_strike_and_taken_back(
    square: Square, ann: Person, ben: Person, account: str, strike: str
) -> None:
    async def now() -> tuple[bool, ...]:
        sql = """
            SELECT sensitized_at IS NOT NULL, limited_at IS NOT NULL, suspended_at IS NOT NULL, frozen_at IS NOT NULL
            FROM accounts a JOIN users u ON u.account_id = a.id WHERE a.id = $1
        """
        return tuple((await square.db.records(sql, ann.id))[0])

    before = await now()
    desk, case_id, post = await decided(square, ann, account)
    wanted = {"sensitive": 0, "limit": 1, "suspend": 2, "freeze": 3}.get(account)
    assert await now() == tuple(place == wanted for place in range(4))
    assert await strikes(square, ann) == [(strike, True)]
    assert await square.db.value("SELECT status_ids FROM strikes") == [int(post["id"])]
    if account != "warn":
        (entry,) = await audit.history(square.db, f"account:{ann.id}")
        assert (entry.action, entry.reason) == (f"account.{strike}", ""), "the words stand with the case"
    await desk.undo(case_id)
    assert await now() == before
    assert await strikes(square, ann) == [(strike, False)]
    assert (await ben.get(f"/api/v1/accounts/{ann.id}"))["statuses_count"] == 1


async def test_who_is_frozen_reads_and_writes_nothing_that_others_see(square: Square, ann: Person, ben: Person) -> None:
    theirs = await ben.say("Hello")
    browser = Visitor(square)
    await browser.sign_in("ann")
    desk, case_id, post = await decided(square, ann, "freeze")
    refused = [
        ("POST", "statuses"), ("PUT", f"statuses/{post['id']}"), ("POST", f"statuses/{theirs['id']}/favourite"),
        ("POST", f"statuses/{theirs['id']}/reblog"), ("POST", f"accounts/{ben.id}/follow"), ("POST", "media"),
        ("PATCH", "accounts/update_credentials"), ("POST", f"statuses/{post['id']}/pin"),
    ]  # fmt: skip
    for method, path in refused:
        answer = await ann.request(method, f"/api/v1/{path}", json={"status": "x", "note": "x"})
        assert (answer.status_code, "frozen" in answer.text) == (403, True), path
    for path in ("timelines/home", "notifications", "accounts/verify_credentials", f"statuses/{theirs['id']}"):
        await ann.get(f"/api/v1/{path}")
    await ann.post("/api/v1/markers", home={"last_read_id": theirs["id"]})
    await ann.post(f"/api/v1/accounts/{ben.id}/block")
    refused_pages = ("/posts", f"/posts/{theirs['id']}/favourite", "/settings/profile")
    for path in refused_pages:
        assert (await browser.send(path, page="/settings/data", text="x")).status_code == 403, path
    by_script, token = {**OURS, "part": "compose"}, await browser.token("/settings/data")
    told = await browser.submit("/posts", by_script, csrf=token, text="x")
    assert (told.status_code, told.json()["way"]["to"]) == (422, "/settings/decisions")
    others = await browser.submit("/posts", by_script, csrf="another's", text="x")
    assert others.status_code == 403, "what somebody else wrote is not stopped by it"
    assert (await browser.send("/settings/data/copy", page="/settings/data")).status_code == 303
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    await desk.undo(case_id)
    await ann.say("Again")


async def test_what_was_so_before_or_is_said_by_another_case_stays(square: Square, ann: Person, ben: Person) -> None:
    async def limited() -> bool:
        return bool((await ben.get(f"/api/v1/accounts/{ann.id}")).get("limited"))

    desk, first, _ = await decided(square, ann, "limit")
    _, second, _ = await decided(square, ann, "limit")
    await desk.undo(first)
    assert await limited()
    await desk.undo(second)
    assert not await limited()
    async with square.db.transaction() as tx:
        await perform(
            tx, OPERATOR, AccountId(ann.id), "silence", settings=square.services.settings, now=datetime.now(UTC)
        )
    await desk.decide(first, "none", "limit")
    await desk.undo(first)
    assert await limited()


async def test_who_is_suspended_for_a_while_comes_back_and_is_not_deleted(square: Square, ann: Person) -> None:
    _, case_id, _ = await decided(square, ann, "suspend", lasting=timedelta(days=60))
    await square.db.execute("UPDATE accounts SET suspended_at = now() - interval '31 days' WHERE id = $1", ann.id)
    await removal.remove_suspended(square.db, square.services.settings)
    await square.settle()
    later = datetime.now(UTC) + timedelta(days=61)
    async with square.db.transaction() as tx:
        await apply.apply(tx, case_id, settings=square.services.settings, now=later)
    await square.settle()
    assert (await square.http.get(f"/api/v1/accounts/{ann.id}")).json()["username"] == "ann"
    assert "suspended" not in (await square.http.get(f"/api/v1/accounts/{ann.id}")).json()
    assert await strikes(square, ann) == [("suspend", True)]


async def test_who_can_still_appeal_or_waits_for_it_is_not_deleted(square: Square, ann: Person) -> None:
    _, case_id, _ = await decided(square, ann, "suspend")
    await square.settle()
    await square.db.execute("UPDATE accounts SET suspended_at = now() - interval '200 days' WHERE id = $1", ann.id)

    async def is_deleted(days: int) -> bool:
        """When the decision was so many days ago."""
        await square.db.execute("UPDATE statements SET made_at = now() - make_interval(days => $1)", days)
        await removal.remove_suspended(square.db, square.services.settings)
        return bool(await square.db.value("SELECT deleted_at IS NOT NULL FROM accounts WHERE id = $1", ann.id))

    assert not await is_deleted(182)
    async with square.db.transaction() as tx:
        await appeals.appeal(tx, int(ann.id), case_id, 1, "author", "It was a joke.", datetime.now(UTC))
    assert not await is_deleted(190)
    await square.db.execute("UPDATE appeals SET decided_at = now(), granted = false")
    assert await is_deleted(190)


async def test_at_the_third_strike_what_somebody_wrote_is_held_and_looked_at(
    square: Square, ann: Person, ben: Person
) -> None:
    fine = await ann.say("Nothing wrong with this")
    await decided(square, ann, "none")
    desk, second, _ = await decided(square, ann, "none")
    await desk.undo(second)
    await decided(square, ann, "none")
    await square.db.execute("UPDATE strikes SET expires_at = now() WHERE case_id <> $1", second)
    await decided(square, ann, "none")
    await decided(square, ann, "none")
    assert await square.db.value("SELECT count(*) FROM cases WHERE origin = 'machine'") == 0
    await decided(square, ann, "none")
    assert (await ben.request("GET", f"/api/v1/statuses/{fine['id']}")).status_code == 404
    # The account and that post: people have looked at the others, or are to look at them already.
    reviews = await square.db.records(
        """
        SELECT c.id, i.kind, c.state FROM cases c JOIN case_items i ON i.case_id = c.id
        WHERE c.origin = 'machine' ORDER BY i.kind
        """
    )
    assert [(one["kind"], one["state"]) for one in reviews] == [("account", "open"), ("status", "open")]
    await desk.decide(reviews[1]["id"], "none")
    assert (await ben.get(f"/api/v1/statuses/{fine['id']}"))["id"] == fine["id"]
    assert len([one for one in await strikes(square, ann) if one[1]]) == 5


async def test_a_warning_says_whether_it_was_contested(square: Square, ann: Person) -> None:
    async def contested() -> dict[str, Any] | None:
        (told,) = await ann.get("/api/v1/notifications", **{"types[]": "moderation_warning"})
        return told["moderation_warning"]["appeal"]

    _, case_id, _ = await decided(square, ann, "limit")
    await square.settle()
    assert await contested() is None
    async with square.db.transaction() as tx:
        await appeals.appeal(tx, ann.id, case_id, 1, "author", "It was a joke", datetime.now(UTC))
    assert await contested() == {"text": "It was a joke", "state": "pending"}
    for granted, state in ((True, "approved"), (False, "rejected")):
        await square.db.execute("UPDATE appeals SET decided_at = now(), granted = $1", granted)
        assert await contested() == {"text": "It was a joke", "state": state}
