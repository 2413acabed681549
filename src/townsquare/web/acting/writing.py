"""The page for writing, what other programs share with us, and what the box offers while one writes."""

import hashlib
from typing import Any, Final
from urllib.parse import quote, unquote

import msgspec

from townsquare.accounts.search import Wanted, search
from townsquare.accounts.urls import file_url
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.params import File
from townsquare.timelines import store_place
from townsquare.timelines.search import search_tags
from townsquare.web.acting.posts import author
from townsquare.web.composer.box import Compose, NewPicture, Written, again, answer_to, defaults, quote_of, quoted
from townsquare.web.composer.files import take_pictures
from townsquare.web.door import cookies, csrf
from townsquare.web.door.entities import person_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect

OFFERED: Final = 6
"""Names that are offered at once."""
FILES: Final = 4
"""That can be shared at once."""
SHARED_SECONDS: Final = 3600
"""For so long words that were shared wait until somebody has signed in."""
SHARED_LENGTH: Final = 3000
"""Of them as they stand in a cookie, for which browsers have 4,096 bytes."""


class Begun(msgspec.Struct, frozen=True):
    """What a link to the page brings: a post to answer or to quote, or words; `shared`: those that wait in a cookie."""

    answer: str = ""
    quote: str = ""
    text: str = ""
    shared: bool = False


async def show_writing(visitor: Visitor, given: Begun) -> Answer:
    author(visitor)
    box = defaults(visitor)
    if given.answer:
        post = await quoted(visitor, given.answer)
        if post is None or visitor.caller is None:
            raise NotFound
        box = answer_to(post, box, visitor.caller.username)
    elif given.quote:
        post = await quoted(visitor, given.quote)
        if post is None:
            raise NotFound
        box = quote_of(post, box)
    elif text := given.text or (given.shared and unquote(visitor.kept(cookies.SHARED))):
        visitor.drop(cookies.SHARED)
        box = msgspec.structs.replace(box, text=text, draft=_draft_name(text))
    return await shown(visitor, box)


async def shown(visitor: Visitor, box: Compose, status: int = 200) -> Answer:
    """The page for writing, with what was begun."""
    answered = await quoted(visitor, box.answers) if box.answers else None
    return await page(visitor, "writing.html", status=status, draft=box, answered=answered)


class Shared(msgspec.Struct, frozen=True):
    """What another program shares with the app (https://w3c.github.io/web-share-target/)."""

    title: str = ""
    text: str = ""
    url: str = ""
    files: list[File] = []


async def share(visitor: Visitor, given: Shared) -> Answer:
    """Nothing is posted: it stands in the box. The browser sends this by itself, so there is no token in the form."""
    csrf.check_origin(visitor.request.headers, visitor.settings.domain)
    if visitor.caller is None:
        return _keep_until_signed_in(visitor, given)
    author(visitor)
    box = defaults(visitor)
    written = Written(
        text=_text_of(given),
        visibility=box.visibility,
        language=box.language,
        sensitive=box.sensitive,
        quote_policy=box.quote_policy,
        reply_policy=box.reply_policy,
        key=box.key,
        pictures=[NewPicture(file) for file in given.files[:FILES]],
    )
    taken = await take_pictures(visitor, written)
    filled = await again(visitor, written, taken.ids, taken.problem, lost=taken.lost)
    draft = _draft_name(written.text, *(f"{one.name} {one.size}" for one in given.files))
    return await shown(visitor, msgspec.structs.replace(filled, draft=draft))


def _draft_name(*shared: str) -> str:
    """A draft for each thing that is shared: loaded again it is as it was left, and the next one is begun anew."""
    return f"shared-{hashlib.sha256(repr(shared).encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _text_of(given: Shared) -> str:
    """What stands within what follows is left out: programs give the address twice."""
    words = [given.title, given.text, given.url]
    return "\n\n".join(
        one for place, one in enumerate(words) if one and not any(one in other for other in words[place + 1 :])
    )


def _keep_until_signed_in(visitor: Visitor, given: Shared) -> Answer:
    """The words wait in the browser; files would be too much for it."""
    words = _text_of(given)
    while len(kept := quote(words)) > SHARED_LENGTH:
        words = words[: len(words) * SHARED_LENGTH // len(kept)]
    visitor.keep(cookies.SHARED, kept, SHARED_SECONDS)
    return redirect(visitor, "/sign-in?next=/compose%3Fshared%3Dtrue", said="shared-files" if given.files else "shared")


class Beginning(msgspec.Struct, frozen=True):
    """What was typed of a name: @ju, #gar."""

    q: str = ""


class Offer(msgspec.Struct, frozen=True):
    """What could be meant: `insert` is what stands in the text then."""

    insert: str
    words: str
    picture: str = ""


async def complete(visitor: Visitor, given: Beginning) -> Answer:
    """People or hashtags that begin so."""
    text = given.q[:100]
    if text.startswith("@"):
        wanted = Wanted(text[1:], limit=OFFERED)
        found = [person_of(one) for one in await search(visitor.db, visitor.me, wanted, here=visitor.settings.domains)]
        return json([Offer(f"@{one.acct}", one.name, one.avatar_static) for one in found])
    if text.startswith("#"):
        return json([Offer(f"#{name}", "") for name in await search_tags(visitor.db, text, limit=OFFERED)])
    return json([])


async def emojis(visitor: Visitor, given: Any) -> Answer:
    """The place's own emojis, to choose from."""
    base = visitor.settings.public_url
    shown = [one for one in await store_place.emojis(visitor.db) if one.visible]
    return json([Offer(f":{one.shortcode}:", one.category or "", file_url(one.static_key, base)) for one in shown])


PAGES: Final = (
    Page("GET", "/compose", show_writing, "signed in", Begun),
    Page("POST", "/share", share, "anybody", Shared, uploads=FILES, media=1, signed=True),
    Page("GET", "/compose/complete", complete, "signed in", Beginning),
    Page("GET", "/compose/emojis", emojis, "signed in"),
)
