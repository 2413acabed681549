"""The way to all settings, and what one should know of one's account at a glance."""

from datetime import UTC, datetime
from typing import Any, Final

from townsquare.auth.passkeys import list_passkeys
from townsquare.auth.sessions import list_sessions
from townsquare.auth.totp import count_recovery_codes
from townsquare.auth.users import get_user
from townsquare.kernel.http.answer import Answer
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page


async def show_settings(visitor: Visitor, given: Any) -> Answer:
    user = await get_user(visitor.db, visitor.me)
    return await page(
        visitor,
        "settings/index.html",
        user=user,
        passkeys=len(await list_passkeys(visitor.db, visitor.me)),
        left=await count_recovery_codes(visitor.db, visitor.me) if user.totp_enabled else 0,
        sessions=len(await list_sessions(visitor.db, visitor.me, datetime.now(UTC))),
    )


PAGES: Final = (Page("GET", "/settings", show_settings, "signed in"),)
