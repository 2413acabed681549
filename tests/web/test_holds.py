"""The page of legal holds: set and lifted by those who have the role for it, and nothing typed is lost."""

from tests.support.square import Square
from tests.web.test_desk import at_desk, said
from townsquare.moderation.audit import history

WHY = "Order 12/26 of the district court"


async def test_a_hold_is_set_and_lifted_for_a_reason(square: Square) -> None:
    ann = await square.person("ann")
    post = await ann.say("What a court wants")
    boss, mod = await at_desk(square, "boss", "owner"), await at_desk(square, "mod")
    assert (await mod.get("/desk/holds")).status_code == 403
    assert "Nothing is under a hold." in await said(await boss.get("/desk/holds"))
    again = await boss.send("/desk/holds", page="/desk/holds", what="@nobody", why=WHY)
    assert again.status_code == 422
    assert "is not known here" in again.text
    assert WHY in again.text
    assert (await boss.send("/desk/holds", page="/desk/holds", what="@ann", why=WHY, until="soon")).status_code == 422
    assert (await boss.send("/desk/holds", page="/desk/holds", what=post["url"], why=WHY)).status_code == 303
    assert (await mod.send("/desk/holds", page="/desk", what="@ann", why=WHY)).status_code == 403
    page = await said(await boss.get("/desk/holds"))
    assert WHY in page
    assert "held" in page
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    assert "kept that was deleted or changed" in await said(await boss.get("/desk/holds"))
    number = await square.db.value("SELECT id FROM legal_holds")
    path = f"/desk/holds/{number}/lift"
    assert (await boss.send(path, page="/desk/holds", why=" ")).status_code == 422
    assert (await boss.send(path, page="/desk/holds", why="The matter is closed")).status_code == 303
    assert "The matter is closed" in await said(await boss.get("/desk/holds"))
    assert (await boss.send(path, page="/desk/holds", why="Again")).status_code == 404
    deeds = [(one.actor, one.action) for one in await history(square.db, f"status:{post['id']}")]
    assert deeds == [("@boss", "hold.lift"), ("@boss", "hold.set")]
