"""The end of mail that tells of notifications or of what there was, by the link in it: it works without signing in.

Mail programs send the form by themselves (RFC 8058) when their button is pressed; a person who opens the link is asked
first, because some mail servers open links to look at them.
"""

from typing import Any, Final

from townsquare.kernel.http.answer import Answer
from townsquare.timelines import digest, mail_choices
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page


async def ask(visitor: Visitor, given: Any) -> Answer:
    await mail_choices.owner_of(visitor.db, visitor.values["token"])
    return await page(visitor, "settings/unsubscribe.html", done=False)


async def end(visitor: Visitor, given: Any) -> Answer:
    """Says that it is done, and leads nowhere else: RFC 8058 forbids redirects."""
    await mail_choices.unsubscribe(visitor.db, visitor.values["token"])
    return await page(visitor, "settings/unsubscribe.html", done=True)


async def ask_digest(visitor: Visitor, given: Any) -> Answer:
    await mail_choices.owner_of(visitor.db, visitor.values["token"], "digest")
    return await page(visitor, "settings/unsubscribe_digest.html", done=False)


async def end_digest(visitor: Visitor, given: Any) -> Answer:
    await digest.unsubscribe(visitor.db, visitor.values["token"])
    return await page(visitor, "settings/unsubscribe_digest.html", done=True)


PAGES: Final = (
    Page("GET", "/unsubscribe/:token", ask, "anybody"),
    Page("POST", "/unsubscribe/:token", end, "anybody", signed=True),
    Page("GET", "/unsubscribe/digest/:token", ask_digest, "anybody"),
    Page("POST", "/unsubscribe/digest/:token", end_digest, "anybody", signed=True),
)
