"""The end of mail about notifications, by the link in a message: it works without signing in.

Mail programs send the form by themselves (RFC 8058) when their button is pressed; a person who opens the link is asked
first, because some mail servers open links to look at them.
"""

from typing import Any, Final

from townsquare.kernel.http.answer import Answer
from townsquare.timelines import mail_choices
from townsquare.web.door import Page
from townsquare.web.visitor import Visitor, page


async def ask(visitor: Visitor, given: Any) -> Answer:
    await mail_choices.owner_of(visitor.db, visitor.values["token"])
    return await page(visitor, "unsubscribe.html", done=False)


async def end(visitor: Visitor, given: Any) -> Answer:
    """Says that it is done, and leads nowhere else: RFC 8058 forbids redirects."""
    await mail_choices.unsubscribe(visitor.db, visitor.values["token"])
    return await page(visitor, "unsubscribe.html", done=True)


PAGES: Final = (
    Page("GET", "/unsubscribe/:token", ask, "anybody"),
    Page("POST", "/unsubscribe/:token", end, "anybody", signed=True),
)
