"""What pages of posts and people say of themselves to search engines and to those who link to them."""

import json
import re
from typing import Any

from tests.rooms.media import pictures
from tests.support.square import Square
from tests.web.test_front_page import owner_of
from tests.web.visitor import visitor

HOSTILE = 'A </script><script>alert(1)</script> & "quoted" thing'


def told(page: str) -> dict[str, Any]:
    """The page's schema.org."""
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return json.loads(found)


async def test_a_post_says_what_it_is(square: Square) -> None:
    ann = await square.person("ann")
    await ann.patch("/api/v1/accounts/update_credentials", indexable=True)
    post = await ann.say(HOSTILE)
    page = (await (await visitor(square)).get(f"/@ann/{post['id']}")).text
    said = told(page)
    assert said["@type"] == "SocialMediaPosting"
    assert said["articleBody"] == HOSTILE
    assert said["url"] == f"https://town.example/@ann/{post['id']}"
    assert said["author"]["alternateName"] == "@ann"
    assert f'<link rel="canonical" href="https://town.example/@ann/{post["id"]}">' in page
    assert '<meta name="twitter:card" content="summary">' in page
    assert "application/json+oembed" in page
    assert "/@ann/feed.atom" in page
    assert 'name="robots"' not in page


async def test_a_picture_that_is_seen_at_once_is_asked_for_before_the_page_is_laid_out(square: Square) -> None:
    ann = await square.person("ann")
    sent = await ann.request("POST", "/api/v2/media", files={"file": ("p.png", pictures.png(), "image/png")})
    file, browser = sent.json(), await visitor(square)
    post = await ann.say("A door", media_ids=[file["id"]])
    shown = file["preview_url"].removeprefix("https://town.example")
    for path in (f"/@ann/{post['id']}", "/@ann"):
        ahead = (await browser.get(path)).headers["link"]
        assert ahead == f'<{shown}>; rel="preload"; as="image"; fetchpriority="high"', path
    await ann.put(f"/api/v1/statuses/{post['id']}", status="A door", media_ids=[file["id"]], sensitive=True)
    assert "link" not in (await browser.get(f"/@ann/{post['id']}")).headers, "not what is covered"


async def test_what_is_behind_a_warning_is_not_described(square: Square) -> None:
    ann = await square.person("ann")
    post = await ann.say("the butler", spoiler_text="how it ends")
    page = (await (await visitor(square)).get(f"/@ann/{post['id']}")).text
    assert told(page)["articleBody"] == "how it ends"
    assert page.count("the butler") == 1, "in the post itself"


async def test_who_does_not_want_to_be_found_is_not_described(square: Square) -> None:
    ann = await square.person("ann")
    await ann.patch("/api/v1/accounts/update_credentials", indexable=False)
    post = await ann.say("quiet")
    stranger = await visitor(square)
    for path in ("/@ann", f"/@ann/{post['id']}"):
        page = (await stranger.get(path)).text
        assert '<meta name="robots" content="noindex">' in page
        assert "ld+json" not in page
    await ann.patch("/api/v1/accounts/update_credentials", indexable=True)
    assert told((await stranger.get("/@ann")).text)["mainEntity"]["alternateName"] == "@ann"
    unlisted = await ann.say("unlisted", visibility="unlisted")
    assert 'content="noindex"' in (await stranger.get(f"/@ann/{unlisted['id']}")).text
    owner = await owner_of(square)
    fields = {"type": "silence", "text": "why"}
    assert (await owner.send(f"/manage/people/{ann.id}/act", page="/manage", **fields)).status_code == 303
    await square.settle()
    page = (await stranger.get(f"/@ann/{post['id']}")).text
    assert ('content="noindex"' in page, "ld+json" in page) == (True, False)


async def test_what_is_read_is_named_and_measured_in_the_reader_s_language(square: Square) -> None:
    ann, owner = await square.person("ann"), await owner_of(square)
    post = await ann.say("quiet")
    for language, name, size in (("en", "Post", r"\d\.\d+ [KMG]B"), ("de", "Beitrag", r"\d,\d+ [KMG]B")):
        owner.http.headers["accept-language"] = language
        assert f"</a>{name}</h1>" in (await owner.get(f"/@ann/{post['id']}")).text
        assert re.search(size, (await owner.get("/manage/health")).text)
