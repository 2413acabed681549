"""All pages by which one acts."""

from typing import Final

from townsquare.web.acting import (
    messages,
    posts,
    quotes,
    reactions,
    redraft,
    relations,
    report,
    scheduled,
    writing,
)

PAGES: Final = (
    *posts.PAGES,
    *quotes.PAGES,
    *redraft.PAGES,
    *writing.PAGES,
    *scheduled.PAGES,
    *reactions.PAGES,
    *relations.PAGES,
    *messages.PAGES,
    *report.PAGES,
)
