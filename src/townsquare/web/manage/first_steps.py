"""What a new place still lacks before people are let in: said to its owner until it is done."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec

from townsquare.accounts.roles import Permission
from townsquare.auth.terms import current_document
from townsquare.continuity.archive import alarms
from townsquare.kernel.settings import Settings
from townsquare.web.door.visitor import Visitor
from townsquare.web.door.words import N_
from townsquare.web.manage.shell import P

AS_IT_COMES: Final = Settings()
HERE: Final = (None, "localhost", "127.0.0.1", "::1")


class Step(msgspec.Struct, frozen=True):
    """What is to be done, why, and on which page; who may do it. Without a page: where the service is started."""

    words: str
    why: str
    to: str
    of: Permission


NAME: Final = Step(
    N_("Give the place a name of its own"), N_("It is called as the program is."), "/manage/place", P.MANAGE_SETTINGS
)
CONTACT: Final = Step(
    N_("Say how you can be reached"),
    N_("There is no address for those whose posts were removed, for your host and for authorities."),
    "/manage/place",
    P.MANAGE_SETTINGS,
)
TERMS: Final = Step(
    N_("Publish your terms"),
    N_("What people agree to is what comes with the program."),
    "/manage/documents",
    P.MANAGE_SETTINGS,
)
MAIL: Final = Step(
    N_("Name a mail server"),
    N_("No letter leaves: links to confirm an address or to set a new password go to the log. Set mail.host."),
    "",
    P.VIEW_DEVOPS,
)
ADDRESS: Final = Step(
    N_("Give the place an address"),
    N_("It is reached from its own machine only. Set public_url, and put a proxy in front."),
    "",
    P.VIEW_DEVOPS,
)
ARCHIVE: Final = Step(
    N_("Begin an archive"),
    N_("Losing this host would lose all that was said here: townsquare archive init."),
    "",
    P.VIEW_DEVOPS,
)


async def steps(visitor: Visitor) -> Sequence[Step]:
    """Those that are left to whoever looks, in the order in which one would take them."""
    chosen, now = visitor.settings, datetime.now(UTC)
    left = (
        (NAME, chosen.title == AS_IT_COMES.title),
        (CONTACT, not chosen.contact_email),
        (TERMS, await current_document(visitor.db, "terms", now) is None),
        (MAIL, not chosen.mail.host),
        (ADDRESS, urlsplit(chosen.public_url).hostname in HERE),
        (ARCHIVE, await alarms.noted(visitor.db) is None),
    )
    return [step for step, missing in left if missing and visitor.may(step.of)]
