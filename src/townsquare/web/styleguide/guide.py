"""Every component in every state on one page, for those who work on the look. It is there in development only."""

import re
from typing import Any, Final

from markupsafe import Markup

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.web.door.assets import Assets
from townsquare.web.door.entities import people_of, post_of
from townsquare.web.door.forms import Wrong
from townsquare.web.door.headers import NOSNIFF
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page
from townsquare.web.feeds.articles import feed
from townsquare.web.styleguide import samples, told

_COLOUR: Final = re.compile(r"--([\w-]+): light-dark\(")
_ICON: Final = re.compile(r'<symbol id="([\w-]+)"')
_NAMED: Final = re.compile(r'\b(id|for|aria-describedby)="')
_MET: Final = {":hover": ".as-hover", ":focus-visible": ".as-focus", ":active": ".as-active"}
"""What somebody does to an element, and the class that shows it as if they did."""
_MEETING: Final = re.compile("|".join(map(re.escape, _MET)))


async def show(visitor: Visitor, given: Any) -> Answer:
    _check_development(visitor)
    assets = visitor.site.assets
    return await page(
        visitor,
        "styleguide.html",
        colours=list(dict.fromkeys(_COLOUR.findall(_text(assets, "tokens.css")))),
        icons=sorted(_ICON.findall(_text(assets, "icons.svg"))),
        usual=feed(visitor, samples.usual()),
        strange=feed(visitor, samples.strange()),
        from_right=feed(visitor, samples.from_right()),
        answered=post_of(samples.status(76, "Somebody with a key.")),
        twig=feed(visitor, [samples.status(75, "Who turned the key?", by=samples.AMIRA)]),
        people=people_of(map(samples.encoded, samples.PEOPLE)),
        lines=told.told(visitor),
        boxes=told.boxes(),
        apart=apart,
        lower=lower,
        when=told.WHEN,
        wrong=Wrong("That did not work", {"wrong": "is not one that we know"}),
    )


def apart(box: Markup, name: str) -> Markup:
    """A box that stands on the page more than once: its parts have names of their own, it takes no focus, and no script
    knows it, for there is nobody who writes.
    """
    return Markup(_NAMED.sub(rf'\1="{name}-', str(box)).replace(" autofocus", "").replace(" data-compose", ""))  # noqa: S704 (what our templates made)


def lower(part: Markup) -> Markup:
    """A part of a page whose heading is that of the page: here it is one of many."""
    return Markup(str(part).replace("h1>", "h3>"))  # noqa: S704 (what our templates made)


async def show_states(visitor: Visitor, given: Any) -> Answer:
    """The style sheet once more, by classes for what else needs a hand: `as-hover`, `as-focus`, `as-active`."""
    _check_development(visitor)
    assets = visitor.site.assets
    met = _MEETING.sub(lambda found: _MET[found[0]], _text(assets, "components.css"))
    colours = dict.fromkeys(_COLOUR.findall(_text(assets, "tokens.css")))
    swatches = "".join(f".swatch-{name}{{background:var(--{name})}}" for name in colours)
    style = f"{met}\n@layer pages{{{swatches}}}"
    return Answer(style.encode(), headers=[(b"content-type", b"text/css; charset=utf-8"), NOSNIFF])


def _check_development(visitor: Visitor) -> None:
    if not visitor.settings.development:
        raise NotFound


def _text(assets: Assets, name: str) -> str:
    return assets[name].data.decode("utf-8")


PAGES: Final = (
    Page("GET", "/styleguide", show, "anybody"),
    Page("GET", "/styleguide/states.css", show_states, "anybody"),
)
