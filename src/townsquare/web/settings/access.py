"""Who is in: the browsers that are signed in, and the apps that may act."""

from datetime import UTC, datetime
from typing import Any, Final

from townsquare.auth.oauth_tokens import end_grant, list_grants
from townsquare.auth.sessions import end_other_sessions, end_session, list_sessions
from townsquare.kernel.http.answer import Answer
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect


async def show_sessions(visitor: Visitor, given: Any) -> Answer:
    sessions = await list_sessions(visitor.db, visitor.me, datetime.now(UTC))
    this = visitor.caller.session_id if visitor.caller else 0
    return await page(visitor, "settings/sessions.html", sessions=sessions, this=this)


async def end_one(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await end_session(tx, visitor.me, visitor.id(), datetime.now(UTC))
    visitor.look_anew()
    return redirect(visitor, "/settings/sessions", said="session-ended")


async def end_others(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await end_other_sessions(tx, visitor.me, visitor.caller.session_id if visitor.caller else 0, datetime.now(UTC))
    visitor.look_anew()
    return redirect(visitor, "/settings/sessions", said="sessions-ended")


async def show_apps(visitor: Visitor, given: Any) -> Answer:
    return await page(visitor, "settings/apps.html", grants=await list_grants(visitor.db, visitor.me))


async def revoke(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await end_grant(tx, visitor.me, visitor.id())
    visitor.look_anew()
    return redirect(visitor, "/settings/apps", said="revoked")


PAGES: Final = (
    Page("GET", "/settings/sessions", show_sessions, "signed in"),
    Page("POST", "/settings/sessions/end-others", end_others, "signed in"),
    Page("POST", "/settings/sessions/:id/end", end_one, "signed in"),
    Page("GET", "/settings/apps", show_apps, "signed in"),
    Page("POST", "/settings/apps/:id/revoke", revoke, "signed in"),
)
