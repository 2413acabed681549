"""How other servers find somebody by handle, and learn what kind of place this is. Pure: documents from what is known.

WebFinger (RFC 7033), host metadata (RFC 6415), NodeInfo (http://nodeinfo.diaspora.software/protocol).
"""

from collections.abc import Mapping, Sequence
from typing import Final
from xml.sax.saxutils import quoteattr

import msgspec

from townsquare import __version__
from townsquare.accounts.census import Counts
from townsquare.accounts.urls import local_uri
from townsquare.federation.model import ACTIVITY_JSON
from townsquare.kernel.settings import Settings, SignUpMode

PROFILE_PAGE: Final = "http://webfinger.net/rel/profile-page"
NODEINFO: Final = "http://nodeinfo.diaspora.software/ns/schema/"
VERSIONS: Final = ("2.0", "2.1")
API: Final = {"name": "mastodon"}
"""Whose client API is spoken here. Apps that do not know our name (those made with megalodon) look for it there."""


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    rel: str
    type: str | None = None
    href: str | None = None
    template: str | None = None


class Descriptor(msgspec.Struct, frozen=True, omit_defaults=True):
    """A JSON Resource Descriptor."""

    subject: str | None = None
    aliases: Sequence[str] = ()
    links: Sequence[Link] = ()


class Sought(msgspec.Struct, frozen=True):
    """Whom a WebFinger resource names: by name or by id."""

    name: str = ""
    account_id: str = ""


def sought(settings: Settings, resource: str) -> Sought | None:
    """`acct:name@domain`, the profile's address or the actor's. None for what is not of this place."""
    for base in settings.urls:
        if resource.startswith(f"{base}/@"):
            return Sought(name=resource.removeprefix(f"{base}/@"))
        if resource.startswith(f"{base}/ap/users/"):
            return Sought(account_id=resource.removeprefix(f"{base}/ap/users/"))
    name, at, domain = resource.removeprefix("acct:").removeprefix("@").rpartition("@")
    if not at or domain.lower() not in [one.lower() for one in settings.domains]:
        return None
    return Sought(name=name)


def descriptor(settings: Settings, account_id: int, username: str, rels: Sequence[str]) -> Descriptor:
    """Where a person's page and documents are. With `rels`, only links of those relations (RFC 7033, section 4.3)."""
    base = settings.public_url
    page, actor = f"{base}/@{username}", local_uri(account_id, base)
    links = [
        Link(PROFILE_PAGE, "text/html", page),
        Link("self", ACTIVITY_JSON, actor),
    ]
    return Descriptor(
        subject=f"acct:{username}@{settings.domain}",
        aliases=tuple(alias for url in settings.urls for alias in (f"{url}/@{username}", local_uri(account_id, url))),
        links=[link for link in links if not rels or link.rel in rels],
    )


def host_meta(settings: Settings) -> Descriptor:
    """Where WebFinger is."""
    return Descriptor(links=(Link("lrdd", "application/jrd+json", template=_template(settings)),))


def host_meta_xml(settings: Settings) -> bytes:
    """The same as XRD."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" template={quoteattr(_template(settings))}/>\n'
        "</XRD>\n"
    ).encode()


def _template(settings: Settings) -> str:
    return f"{settings.public_url}/.well-known/webfinger?resource={{uri}}"


def nodeinfo_links(settings: Settings) -> Descriptor:
    """Which versions of NodeInfo there are."""
    base = settings.public_url
    return Descriptor(links=[Link(NODEINFO + one, href=f"{base}/nodeinfo/{one}") for one in VERSIONS])


def nodeinfo(settings: Settings, counts: Counts, schema: str) -> Mapping[str, object]:
    """What runs here, and how many take part."""
    software = {"name": "townsquare", "version": __version__}
    users = {"total": counts.people, "activeMonth": counts.active_month, "activeHalfyear": counts.active_half_year}
    return {
        "version": schema,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": settings.sign_up.mode in (SignUpMode.OPEN, SignUpMode.APPROVAL),
        "usage": {"users": users, "localPosts": counts.posts},
        "metadata": {"nodeName": settings.title, "nodeDescription": settings.description, "upstream": API},
    }
