"""All pages of those who run the place."""

from typing import Final

from townsquare.web.manage import (
    announcements,
    approvals,
    audit,
    blocks,
    digests,
    emojis,
    front,
    invites,
    jobs,
    looks,
    notice_keys,
    overview,
    people,
    person,
    place,
    policies,
    roles,
    rules,
    trends,
)

PAGES: Final = (
    *overview.PAGES,
    *jobs.PAGES,
    *audit.PAGES,
    *looks.PAGES,
    *approvals.PAGES,
    *people.PAGES,
    *person.PAGES,
    *invites.PAGES,
    *roles.PAGES,
    *blocks.PAGES,
    *announcements.PAGES,
    *emojis.PAGES,
    *trends.PAGES,
    *front.PAGES,
    *place.PAGES,
    *digests.PAGES,
    *rules.PAGES,
    *policies.PAGES,
    *notice_keys.PAGES,
)
