"""The place as an app that a device can keep: its manifest, and the script that serves it without a network.

https://www.w3.org/TR/appmanifest/, https://w3c.github.io/web-share-target/
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.endpoint import Scope
from townsquare.kernel.settings import Look
from townsquare.media.containers import PLAYED
from townsquare.media.formats import Kind
from townsquare.web.door.assets import ON_EVERY_PAGE, Assets, address, imported
from townsquare.web.door.headers import A_DAY, ASK_AGAIN, NOSNIFF
from townsquare.web.door.site import Site
from townsquare.web.door.words import N_, best_tongue, tongue

PAPER: Final = "#faf7f0"
"""The colour of the page, as in tokens.css: the device shows it before the page is there."""
_FILES: Final = ("tokens.css", "components.css", "icons.svg", "square.svg", "icon.svg")
"""What every page needs, beside its scripts."""


class Icon(msgspec.Struct, frozen=True):
    src: str
    sizes: str
    type: str
    purpose: str = "any"


class Screenshot(msgspec.Struct, frozen=True):
    """What the app looks like, shown before it is installed."""

    src: str
    sizes: str
    form_factor: str
    type: str = "image/png"


class Shortcut(msgspec.Struct, frozen=True):
    """Offered where somebody presses long on the app's icon."""

    name: str
    url: str


class Taken(msgspec.Struct, frozen=True):
    """Files that can be shared with the app."""

    name: str
    accept: Sequence[str]


class Params(msgspec.Struct, frozen=True):
    title: str = "title"
    text: str = "text"
    url: str = "url"
    files: Sequence[Taken] = ()


class ShareTarget(msgspec.Struct, frozen=True):
    """Where other programs send what is shared with the app."""

    params: Params
    action: str = "/share"
    method: str = "POST"
    enctype: str = "multipart/form-data"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    lang: str
    dir: str
    name: str
    short_name: str
    description: str
    icons: Sequence[Icon]
    screenshots: Sequence[Screenshot]
    shortcuts: Sequence[Shortcut]
    share_target: ShareTarget
    id: str = "/"
    start_url: str = "/home"
    scope: str = "/"
    display: str = "standalone"
    background_color: str = PAPER
    theme_color: str = PAPER
    categories: Sequence[str] = ("social", "news")


async def show_manifest(site: Site, scope: Scope, values: Mapping[str, str]) -> Answer:
    """With it, a device can put the place on its home screen. The address names the language of the page that links to
    it: a browser asks for it as nobody, so that what somebody chose is not known here.
    """
    settings, assets = site.settings, site.assets
    asked = scope["query_string"].decode("latin-1").removeprefix("lang=")
    spoken = tongue(best_tongue([asked, *settings.languages]))
    manifest = Manifest(
        lang=spoken.code,
        dir=spoken.direction,
        name=settings.title,
        short_name=settings.title[:30],
        description=settings.description,
        icons=_icons(settings.look, assets),
        screenshots=[
            Screenshot(address(assets, "screen-narrow.png"), "390x780", "narrow"),
            Screenshot(address(assets, "screen-wide.png"), "1280x800", "wide"),
        ],
        shortcuts=[
            Shortcut(spoken.say(N_("Write a post")), "/compose"),
            Shortcut(spoken.say(N_("Notifications")), "/notifications"),
            Shortcut(spoken.say(N_("Search")), "/search"),
        ],
        share_target=ShareTarget(Params(files=[Taken("files[]", [*Kind, *PLAYED])])),
    )
    made = json(manifest)
    made.headers = [(b"content-type", b"application/manifest+json"), A_DAY]
    return made


def _icons(look: Look, assets: Assets) -> list[Icon]:
    """The place's own, where it has any."""
    if look.icon:
        return [
            Icon(f"/media/{look.sign('small')}", "192x192", "image/png"),
            Icon(f"/media/{look.sign('large')}", "512x512", "image/png"),
            Icon(f"/media/{look.sign('maskable')}", "512x512", "image/png", "maskable"),
        ]
    return [
        Icon(address(assets, "icon.svg"), "any", "image/svg+xml"),
        Icon(address(assets, "icon-192.png"), "192x192", "image/png"),
        Icon(address(assets, "icon-512.png"), "512x512", "image/png"),
        Icon(address(assets, "icon-maskable.png"), "512x512", "image/png", "maskable"),
    ]


async def show_worker(site: Site, scope: Scope, values: Mapping[str, str]) -> Answer:
    """The service worker. It stands at the root, for it serves all pages; it is another when any file is."""
    files = [address(site.assets, name) for name in (*_FILES, ON_EVERY_PAGE, *imported(site.assets, ON_EVERY_PAGE))]
    told = json({"version": version(site.assets), "files": ["/offline", *files]}).body.decode()
    worker = address(site.assets, "js/worker.js")
    text = f'import {{ serve }} from "{worker}";\nserve({told});\n'
    return Answer(text.encode(), headers=[(b"content-type", b"text/javascript; charset=utf-8"), ASK_AGAIN, NOSNIFF])


def version(assets: Assets) -> str:
    """Another one when any of the files is another."""
    together = "".join(assets[name].hash for name in sorted(assets))
    return hashlib.sha256(together.encode("ascii")).hexdigest()[:12]
