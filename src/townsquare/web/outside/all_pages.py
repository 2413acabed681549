"""All pages for programs."""

from typing import Final

from townsquare.web.outside import (
    app_pages,
    atom,
    audit_log,
    documents,
    embed,
    notices,
    pointer,
    sitemap,
)

PAGES: Final = (
    *documents.PAGES,
    *atom.PAGES,
    *sitemap.PAGES,
    *app_pages.PAGES,
    *embed.PAGES,
    *audit_log.PAGES,
    *notices.PAGES,
    *pointer.PAGES,
)
