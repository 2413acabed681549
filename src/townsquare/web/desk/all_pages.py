"""All pages of the desk."""

from typing import Final

from townsquare.web.desk import case, evidence, files, holds, macros, noticed, overview, people, quality

PAGES: Final = (
    *overview.PAGES,
    *case.PAGES,
    *files.PAGES,
    *noticed.PAGES,
    *people.PAGES,
    *quality.PAGES,
    *holds.PAGES,
    *evidence.PAGES,
    *macros.PAGES,
)
