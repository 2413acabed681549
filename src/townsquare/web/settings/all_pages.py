"""All pages of the settings."""

from typing import Final

from townsquare.web.settings import (
    access,
    account,
    aliases,
    appearance,
    data,
    decisions,
    index,
    jury,
    notifications,
    passkeys,
    privacy,
    profile,
    two_factor,
    unsubscribe,
)

PAGES: Final = (
    *index.PAGES,
    *profile.PAGES,
    *account.PAGES,
    *aliases.PAGES,
    *privacy.PAGES,
    *notifications.PAGES,
    *appearance.PAGES,
    *passkeys.PAGES,
    *two_factor.PAGES,
    *access.PAGES,
    *data.PAGES,
    *decisions.PAGES,
    *jury.PAGES,
    *unsubscribe.PAGES,
)
