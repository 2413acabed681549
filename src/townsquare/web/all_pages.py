"""All pages and files of this door."""

from typing import Final

from townsquare.kernel.http.endpoint import Endpoint
from townsquare.web.acting.all_pages import PAGES as ACTING
from townsquare.web.composer import files as composed
from townsquare.web.desk.all_pages import PAGES as DESK
from townsquare.web.door import pages
from townsquare.web.door.site import Site
from townsquare.web.entry.all_pages import PAGES as ENTRY
from townsquare.web.manage.all_pages import PAGES as MANAGE
from townsquare.web.outside import files, missing
from townsquare.web.outside.all_pages import PAGES as OUTSIDE
from townsquare.web.reading import live
from townsquare.web.reading.all_pages import PAGES as READING
from townsquare.web.settings.all_pages import PAGES as SETTINGS
from townsquare.web.styleguide import guide

PAGES: Final = (
    *ENTRY,
    *READING,
    *composed.PAGES,
    *ACTING,
    *SETTINGS,
    *OUTSIDE,
    *MANAGE,
    *DESK,
    *guide.PAGES,
)


def endpoints(site: Site) -> list[Endpoint]:
    """What the application calls for people's addresses."""
    return [*pages.endpoints(site, PAGES), *files.endpoints(site), *live.endpoints(site), *missing.everywhere(site)]
