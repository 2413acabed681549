"""How somebody joins, on the pages: the form, and the message that comes of it."""

from tests.web.mail import link_in_mail
from tests.web.tab import Tab


async def ask_for_an_account(tab: Tab, name: str, **fields: str) -> None:
    """Fill in the form for a new account that is open, and send it."""
    await tab.fill(username=name, email=f"{name}@example.org", password=f"password of {name}", **fields)
    await tab.page.get_by_label("I am at least 16 years old").check()
    await tab.page.get_by_label("I have read the terms").check()
    await tab.press("Create account")
    assert f"{name}@example.org" in await tab.text()


async def confirm(tab: Tab, *, after: int = 0) -> None:
    """Follow the link of the newest message to somebody who asked for an account: one is signed in by that."""
    await tab.goto(await link_in_mail(tab.service, "/confirm/", after=after))
    await tab.press("Confirm my address")
