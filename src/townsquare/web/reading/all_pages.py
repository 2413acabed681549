"""All pages on which one reads."""

from typing import Final

from townsquare.web.reading import (
    announcements,
    around,
    collection,
    explore,
    filters,
    front,
    home,
    kept_away,
    lists,
    live,
    notification_requests,
    notifications,
    profile,
    search,
    tags,
    thread,
)

PAGES: Final = (
    *front.PAGES,
    *explore.PAGES,
    *tags.PAGES,
    *search.PAGES,
    *home.PAGES,
    *announcements.PAGES,
    *live.PAGES,
    *notifications.PAGES,
    *notification_requests.PAGES,
    *lists.PAGES,
    *filters.PAGES,
    *kept_away.PAGES,
    *profile.PAGES,
    *thread.PAGES,
    *around.PAGES,
    *collection.PAGES,
)
