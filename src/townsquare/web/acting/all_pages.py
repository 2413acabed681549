"""All pages by which one acts."""

from typing import Final

from townsquare.web.acting import (
    messages,
    posts,
    reactions,
    redraft,
    relations,
    report,
    scheduled,
    writing,
)

PAGES: Final = (
    *posts.PAGES,
    *redraft.PAGES,
    *writing.PAGES,
    *scheduled.PAGES,
    *reactions.PAGES,
    *relations.PAGES,
    *messages.PAGES,
    *report.PAGES,
)
