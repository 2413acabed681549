"""What one does about posts that quote one's own."""

from typing import Final

import msgspec

from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId
from townsquare.statuses.quotes import revoke
from townsquare.statuses.show import show_one
from townsquare.web.door.asking import Question, Sure, ask
from townsquare.web.door.entities import post_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, path_within, redirect
from townsquare.web.door.words import N_


async def take_out(visitor: Visitor, given: Sure) -> Answer:
    """Take back the consent to a quote: what quotes stays, without what it quotes. Asks first."""
    quoting = StatusId(visitor.id("quoting"))
    if not given.sure:
        by = post_of(await show_one(visitor.db, visitor.viewer, quoting))
        question = msgspec.structs.replace(TAKE_OUT, about={"name": by.account.acct}, back=by.path)
        return await ask(visitor, question, next=given.next)
    await revoke(visitor.db, visitor.me, StatusId(visitor.id()), quoting)
    return redirect(visitor, path_within(given.next), said="quote-revoked")


TAKE_OUT: Final = Question(
    N_("Take your post out of this one?"),
    N_("What @%(name)s wrote stays, without what it quotes of you. This cannot be undone."),
    N_("Take my post out of it"),
    "/home",
)

PAGES: Final = (Page("POST", "/posts/:id/quotes/:quoting/revoke", take_out, "signed in", Sure),)
