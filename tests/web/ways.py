"""Ways to the pages about one thing, and to those behind a link in a letter: what somebody does to come there."""

import io
import re
import time
import zipfile
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from playwright.async_api import FilePayload
from pyotp.totp import TOTP

from tests.web.conftest import NAMES, PASSWORD, Open
from tests.web.every_page import route_of
from tests.web.joining import ask_for_an_account
from tests.web.looking import TWO, faults_here, faults_of
from tests.web.mail import link_in_mail
from tests.web.people import drawn, make_ready_for_juries, make_trend, newest_case, settled, way_out_of_mail
from tests.web.tab import Tab
from tests.web.test_consent import OUT_OF_BAND, register, request_of

JURORS: Final = set(NAMES) - {"coded", "keyed", "forgetful", "secretive"}
"""Who signs in by their name's password alone."""


class Looked:
    """What was seen on a way. `routes`: which of our pages they were."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.routes: set[str] = set()

    async def at(self, tab: Tab, paths: Iterable[str]) -> None:
        """Each of these, which are opened for it."""
        for path in paths:
            self.faults += await faults_of(tab, [path], TWO)
            self.routes.add(route_of(path))

    async def here(self, tab: Tab) -> None:
        """The page that is open."""
        self.faults += await faults_here(tab, TWO)
        self.routes.add(route_of(tab.path))


Way = Callable[[Looked, Open, str], Awaitable[None]]


async def link(tab: Tab, start: str) -> str:
    """Where the first link of the page leads whose address begins so and goes on with a number."""
    found = re.search(rf'href="({re.escape(start)}[0-9][^"]*)"', await tab.page.content())
    assert found, (tab.path, start)
    return found[1].replace("&amp;", "&")


async def own_things(looked: Looked, open_tab: Open, owner: str) -> None:
    tab = await open_tab()
    await tab.sign_in("collector", to="/lists")
    await tab.fill(title="Neighbours")
    await tab.press("Make the list")
    there = tab.path.removesuffix("/people")
    paths = [there, f"{there}/edit", f"{there}/people"]
    await tab.goto("/filters/new?word=parsnips")
    await tab.press("Save")
    paths.append(await link(tab, "/filters/"))
    await tab.goto("/@collector/collections")
    await tab.fill(name="Who bakes")
    await tab.press("Make the collection")
    paths.append(tab.path)
    await tab.post("A post of my own")
    mine = await link(tab, "/@collector/")
    await looked.at(tab, [*paths, await link(tab, "/posts/"), f"/posts/{mine.rpartition('/')[2]}/filter"])


async def somebody_else(looked: Looked, open_tab: Open, owner: str) -> None:
    tab = await open_tab()
    await tab.sign_in("collector", to="/@june")
    june = (await link(tab, "/people/")).rpartition("/")[0]
    report = await link(tab, "/report?account=")
    await looked.at(tab, [f"{june}/lists", f"{june}/mute", f"{june}/note", report])
    await tab.page.locator("main [name=category]").first.check()
    await tab.press("Send the report")
    await looked.here(tab)
    await settled(tab.service)
    await tab.goto("/messages/new?to=june")
    await tab.fill(text="Is there bread left?")
    await tab.press("Send")
    await looked.here(tab)


async def kept_apart(looked: Looked, open_tab: Open, owner: str) -> None:
    tab, liker = await open_tab(), await open_tab()
    await tab.sign_in("collector", to="/notifications/policy")
    await tab.page.locator("[name=for_not_following]").select_option("filter")
    await tab.press("Save")
    await liker.sign_in("liker", to="")
    await liker.post("@collector Good morning to you")
    await settled(tab.service)
    await tab.goto("/notifications/requests")
    await looked.at(tab, [await link(tab, "/notifications/requests/")])


async def notice_from_outside(looked: Looked, open_tab: Open, owner: str) -> None:
    """The first time the form is too old, and gives back what was written."""
    tab, reason = await open_tab(), "It says when and where they mean to come with knives."
    for token in ("old", ""):
        await tab.goto("/report-illegal")
        await tab.page.locator("main [name=kind]").first.check()
        await tab.page.locator("main [name=sure]").check()
        await tab.fill(urls=f"{tab.service.url}/@june", reason=reason, name="Ada Example", email="ada@example.org")
        if token:
            await tab.page.locator("main [name=csrf]").evaluate("(field, token) => { field.value = token }", token)
        await tab.press("Send the notice")
        assert await tab.page.locator("textarea[readonly]", has_text=reason).count() == bool(token)
        await looked.here(tab)
    await settled(tab.service)


async def letters_about_the_account(looked: Looked, open_tab: Open, owner: str) -> None:
    """Of a new account, a forgotten password, another address."""
    tab = await open_tab()
    sent = len(tab.service.output)
    await tab.goto("/sign-up")
    await ask_for_an_account(tab, "arrival")
    await looked.at(tab, [await link_in_mail(tab.service, "/confirm/", after=sent)])
    await tab.goto("/forgotten")
    await tab.fill(email="collector@example.org")
    await tab.press("Send the link")
    await tab.goto(await link_in_mail(tab.service, "/reset/", after=sent))
    assert await tab.page.locator("main input[type=password]").count() == 1
    await looked.here(tab)
    await tab.sign_in("collector", to="/settings/account")
    form = tab.page.locator("form[action$=email]")
    await form.locator("[name=email]").fill("elsewhere@example.org")
    await form.locator("[name=password]").fill("password of collector")
    await tab.press("Change the address")
    await looked.at(tab, [await link_in_mail(tab.service, "/confirm-email/", after=sent)])


async def letters_that_can_be_ended(looked: Looked, open_tab: Open, owner: str) -> None:
    tab = await open_tab()
    await looked.at(tab, [await way_out_of_mail(tab.service, "answerer")])
    sent = len(tab.service.output)
    await tab.sign_in(owner, PASSWORD, to="/manage/digests")
    await tab.press("Of the last week")
    await looked.at(tab, [await link_in_mail(tab.service, "/unsubscribe/digest/", after=sent)])


async def second_step(looked: Looked, open_tab: Open, owner: str) -> None:
    tab, other = await open_tab(), await open_tab()
    await tab.sign_in("coded", to="/settings/two-factor")
    await tab.fill(password="password of coded")
    await tab.press("Set it up")
    await looked.here(tab)
    await tab.fill(code=TOTP(await tab.text("code")).at(int(time.time())))
    await tab.press("Turn it on")
    await looked.here(tab)
    await other.goto("/sign-in")
    await other.enter("coded", "password of coded")
    await looked.here(other)


async def app_that_asks(looked: Looked, open_tab: Open, owner: str) -> None:
    tab = await open_tab()
    await tab.sign_in("collector", to="")
    await looked.at(tab, [request_of(register(tab.service, OUT_OF_BAND), OUT_OF_BAND)])
    await tab.press("Allow")
    await looked.here(tab)


async def brought_along(looked: Looked, open_tab: Open, owner: str) -> None:
    tab = await open_tab()
    await tab.sign_in("collector", to="/settings/import")
    lines = b"Account address,Show boosts\nnobody@elsewhere.example,true\n"
    await tab.page.locator("#f-file").set_input_files({"name": "f.csv", "mimeType": "text/csv", "buffer": lines})
    await tab.press("Look at it")
    await looked.here(tab)
    await tab.press("Take it in")
    await settled(tab.service)
    await looked.at(tab, [tab.path])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("notes.txt", "Nothing that anybody said")
    await tab.goto("/settings/import")
    sent = FilePayload(name="a.zip", mimeType="application/zip", buffer=packed.getvalue())
    await tab.page.locator("#f-archive").set_input_files(sent)
    await tab.press("Bring it along")
    await settled(tab.service)
    await tab.goto("/settings/import")
    await looked.at(tab, [await link(tab, "/settings/import/archives/")])


async def decided_and_appealed(looked: Looked, open_tab: Open, owner: str) -> None:
    """A post is reported and gets a note; its author appeals; a juror is asked."""
    # With scripts the next case comes up while the decision on this one is still on its way.
    tab, keeper, juror = await open_tab(), await open_tab(script=False), await open_tab()
    sent = len(tab.service.output)
    await keeper.sign_in("asker", to="")
    await tab.sign_in("painter", to="")
    await tab.post("The mayor is a crook, and his friends are worse")
    await settled(tab.service)
    await keeper.goto("/@painter")
    await keeper.goto(await keeper.page.locator("article a.danger").first.get_attribute("href") or "")
    await keeper.page.locator("main [name=category]").first.check()
    await keeper.press("Send the report")
    await settled(tab.service)
    await keeper.page.context.clear_cookies()
    await keeper.sign_in(owner, PASSWORD, to=f"/desk/cases/{await newest_case(tab.service)}")
    assert "The mayor is a crook" in await keeper.text()
    await keeper.page.get_by_text("Add a note", exact=True).click()
    await keeper.open(keeper.page.locator("[data-decide] button.main"))
    await settled(tab.service)
    await tab.goto("/settings/decisions")
    await looked.at(tab, [await link(tab, "/settings/decisions/")])
    stranger = await open_tab()
    await looked.at(stranger, [await link_in_mail(tab.service, "/decisions/", after=sent)])
    await make_ready_for_juries(tab.service, JURORS)
    await tab.fill(text="It is an opinion")
    await tab.page.locator("main [name=jury]").check()
    await tab.press("Appeal")
    await settled(tab.service)
    await looked.at(tab, [tab.path])
    await juror.sign_in(await drawn(tab.service), to="/settings/jury")
    await looked.at(juror, ["/settings/jury", await link(juror, "/settings/jury/")])


async def link_that_trends(looked: Looked, open_tab: Open, owner: str) -> None:
    tab, url = await open_tab(), "https://example.org/weir"
    await make_trend(tab.service, url)
    await looked.at(tab, [f"/explore/link?url={url}"])


async def things_of_the_staff(looked: Looked, open_tab: Open, owner: str) -> None:
    tab = await open_tab()
    await tab.sign_in(owner, PASSWORD, to="/manage/announcements")
    await tab.fill(text="The fountain runs again.")
    await tab.press("Announce")
    paths = [await link(tab, "/manage/announcements/")]
    await tab.goto("/desk/macros")
    await tab.fill(name="Honey again")
    await tab.press("Save")
    await looked.at(tab, [*paths, await link(tab, "/desk/macros/")])
    await tab.goto("/manage/announcements")
    await tab.press("Take back")


WAYS: Final[Mapping[Way, set[str]]] = {
    own_things: {
        "/lists/:id", "/lists/:id/edit", "/lists/:id/people", "/filters/:id", "/collections/:id", "/posts/:id/edit",
        "/posts/:id/filter",
    },
    somebody_else: {
        "/people/:id/lists", "/people/:id/mute", "/people/:id/note", "/report", "/report/sent", "/messages/:id",
    },
    kept_apart: {"/notifications/requests/:id"},
    notice_from_outside: {"/report-illegal", "/notices/:token"},
    letters_about_the_account: {"/confirm/:token", "/reset/:token", "/confirm-email/:token"},
    letters_that_can_be_ended: {"/unsubscribe/:token", "/unsubscribe/digest/:token"},
    second_step: {"/settings/two-factor/begin", "/settings/two-factor/confirm", "/sign-in/code"},
    app_that_asks: {"/oauth/authorize"},
    brought_along: {"/settings/import/:id", "/settings/import/archives/:id"},
    decided_and_appealed: {"/settings/decisions/:id", "/decisions/:link", "/settings/jury", "/settings/jury/:id"},
    link_that_trends: {"/explore/link"},
    things_of_the_staff: {"/manage/announcements/:id", "/desk/macros/:id"},
}  # fmt: skip
"""What is looked at on each way."""
