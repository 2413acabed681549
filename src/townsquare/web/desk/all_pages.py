"""All pages of the desk."""

from typing import Final

from townsquare.web.desk import case, overview, people, quality

PAGES: Final = (*overview.PAGES, *case.PAGES, *people.PAGES, *quality.PAGES)
