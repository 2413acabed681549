"""All pages and files of this door."""

from typing import Final

from townsquare.kernel.http.endpoint import Endpoint
from townsquare.web import (
    atom,
    collection,
    consent,
    documents,
    door,
    embed,
    explore,
    files,
    filters,
    front,
    home,
    kept_away,
    lists,
    messages,
    missing,
    notification_requests,
    notifications,
    posts,
    profile,
    reactions,
    relations,
    report,
    search,
    settings_account,
    settings_preferences,
    settings_profile,
    sign_in,
    sign_up,
    sitemap,
    styleguide,
    tags,
    thread,
    unsubscribe,
)
from townsquare.web.site import Site

PAGES: Final = (
    *front.PAGES,
    *documents.PAGES,
    *atom.PAGES,
    *sitemap.PAGES,
    *explore.PAGES,
    *tags.PAGES,
    *search.PAGES,
    *sign_up.PAGES,
    *sign_in.PAGES,
    *consent.PAGES,
    *home.PAGES,
    *posts.PAGES,
    *reactions.PAGES,
    *relations.PAGES,
    *notifications.PAGES,
    *notification_requests.PAGES,
    *messages.PAGES,
    *lists.PAGES,
    *filters.PAGES,
    *kept_away.PAGES,
    *report.PAGES,
    *unsubscribe.PAGES,
    *settings_profile.PAGES,
    *settings_account.PAGES,
    *settings_preferences.PAGES,
    *profile.PAGES,
    *thread.PAGES,
    *embed.PAGES,
    *collection.PAGES,
    *styleguide.PAGES,
)


def endpoints(site: Site) -> list[Endpoint]:
    """What the application calls for people's addresses."""
    return [*door.endpoints(site, PAGES), *files.endpoints(site), *missing.everywhere(site)]
