"""Mara opens a place that nobody has claimed, decides who comes in, and reads what was decided."""

from playwright.async_api import expect

from tests.live import Live
from tests.web.conftest import Open
from tests.web.joining import ask_for_an_account, confirm
from tests.web.looking import faults_as
from tests.web.people import settled
from tests.web.stories.conftest import Show, Way
from tests.web.tab import Tab


async def test_an_owner_opens_the_place(unclaimed: Live, open_device: Open, way: Way, show: Show) -> None:
    mara = await open_device(of=unclaimed, width=way.width, script=way.script)
    tomas = await open_device(of=unclaimed, width=way.width, script=way.script)

    await claims_it(mara, show)
    await names_it(mara, tomas, show)
    await decides_who_comes_in(mara, show)
    await asks_to_come_in(tomas, show)
    await lets_him_in(mara, show)
    await comes_in(tomas, show)
    await reads_the_log(mara, show)


async def claims_it(mara: Tab, show: Show) -> None:
    await mara.goto(mara.service.claim_link)
    await show(mara, "the place is yours")
    assert await faults_as(mara, "/claim/:token") == []
    await mara.fill(username="mara", email="mara@example.org", password="password of mara")
    await mara.press("Claim it")
    assert mara.path == "/home"
    assert await mara.goto(mara.service.claim_link) == 410
    assert "has an owner already" in await mara.text()
    await mara.goto("/home")
    await show(mara, "the owner's first home")
    await mara.page.locator("summary[aria-label='Your account']").click()
    await show(mara, "her menu")
    await mara.follow("Run the place")
    assert mara.path == "/manage"
    await show(mara, "the place at a glance")


async def names_it(mara: Tab, tomas: Tab, show: Show) -> None:
    await mara.goto("/manage/place")
    await mara.fill(title="Millbrook", description="What happens between the mill and the bridge.")
    await show(mara, "name and look")
    await mara.press("Save")
    await tomas.goto("/")
    assert await tomas.text("h1") == "Millbrook"
    assert "between the mill and the bridge" in await tomas.text()
    await show(tomas, "what a stranger sees")


async def decides_who_comes_in(mara: Tab, show: Show) -> None:
    await mara.goto("/manage/sign-up")
    await mara.page.get_by_label("Those whom you let in").check()
    await mara.fill(question="Who do you know here?")
    await mara.press("Save")
    await expect(mara.page.get_by_label("Those whom you let in")).to_be_checked()
    await show(mara, "who gets in")


async def asks_to_come_in(tomas: Tab, show: Show) -> None:
    sent = len(tomas.service.output)
    await tomas.goto("/sign-up")
    assert "Who do you know here?" in await tomas.text()
    await show(tomas, "a question at the door")
    await ask_for_an_account(tomas, "tomas", reason="Mara, from the choir")
    await confirm(tomas, after=sent)
    assert "Somebody will look at your request" in await tomas.text()
    await tomas.goto("/sign-in")
    await tomas.enter("tomas", "password of tomas")
    assert tomas.path != "/home"
    await show(tomas, "not yet")


async def lets_him_in(mara: Tab, show: Show) -> None:
    await mara.goto("/manage")
    assert "1 person waits at the door" in await mara.text()
    await show(mara, "somebody waits")
    await mara.goto("/manage/approvals")
    assert "Mara, from the choir" in await mara.text()
    await show(mara, "his request")
    await mara.press("Let @tomas in")
    assert "Nobody waits" in await mara.text()
    await show(mara, "nobody waits")
    await settled(mara.service)


async def comes_in(tomas: Tab, show: Show) -> None:
    await tomas.goto("/home")
    assert tomas.path == "/home"
    await tomas.post("Here I am")
    assert "Here I am" in await tomas.text("article.post")
    await show(tomas, "he is in")


async def reads_the_log(mara: Tab, show: Show) -> None:
    await mara.goto("/manage/audit")
    said = await mara.text()
    for done in ("@mara let @tomas in", "Who gets in", "Millbrook"):
        assert done in said, done
    await show(mara, "what was decided")
    await mara.follow("Is the log whole?")
    assert "nothing was changed since they were written" in await mara.text()
    await show(mara, "the log is whole")
