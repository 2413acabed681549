"""Posts of ours on pages of other places."""

import re
from urllib.parse import unquote

import httpx

from tests.support.square import Person, Square

FRAME = (
    '<iframe src="{url}/embed" class="townsquare-embed" style="max-width: 100%; border: 0" width="400" '
    'allowfullscreen="allowfullscreen"></iframe><script src="https://town.example/embed.js" async="async"></script>'
)


async def asked(square: Square, url: str, **given: object) -> httpx.Response:
    return await square.http.get("/api/oembed", params={"url": url, **{name: str(one) for name, one in given.items()}})


async def test_a_post_is_told_of(square: Square, ann: Person) -> None:
    await ann.patch("/api/v1/accounts/update_credentials", display_name="Ann <b>")
    post = await ann.say("Hello")
    answer = await asked(square, post["url"])
    assert answer.json() == {
        "type": "rich",
        "version": "1.0",
        "title": "New status by Ann <b>",
        "author_name": "Ann <b>",
        "author_url": "https://town.example/@ann",
        "provider_name": "town.example",
        "provider_url": "https://town.example/",
        "cache_age": 86400,
        "html": FRAME.format(url=post["url"]),
        "width": 400,
        "height": None,
    }
    sized = (await asked(square, post["uri"], maxwidth=300, maxheight=200)).json()
    assert (sized["width"], sized["height"]) == (300, 200)
    assert 'width="300" height="200"' in sized["html"]
    odd = (await asked(square, post["url"], maxwidth=-1, maxheight=0)).json()
    assert (odd["width"], odd["height"]) == (400, None)


async def test_an_echo_is_the_post_that_it_echoes(square: Square, ann: Person) -> None:
    post = await ann.say("Hello")
    ben = await square.person("ben")
    echo = await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    answer = await asked(square, f"https://town.example/@ben/{echo['id']}")
    assert f"{post['url']}/embed" in answer.json()["html"]


async def test_what_is_not_for_everybody_or_not_ours_is_not_found(square: Square, ann: Person) -> None:
    private = await ann.say("For followers", visibility="private")
    urls = ["", "nonsense", "https://town.example/", "https://town.example/@ann", "https://town.example/@ann/1"]
    for url in [*urls, private["url"], "https://elsewhere.example/@ann/1", "https://town.example.evil/@ann/1"]:
        answer = await asked(square, url)
        assert (answer.status_code, "error" in answer.json()) == (404, True), url
    assert (await asked(square, private["url"], maxwidth="wide")).status_code == 422


async def test_a_page_says_where_to_ask(square: Square, ann: Person) -> None:
    post = await ann.say("Hello")
    page = await square.http.get(post["url"], headers={"accept": "text/html"})
    found = re.search(r'type="application/json\+oembed" href="([^"]+)"', page.text)
    assert found
    answer = await square.http.get(unquote(found[1]).replace("&amp;", "&"))
    assert answer.json()["author_name"] == "ann"
    private = await ann.say("For followers", visibility="private")
    assert "oembed" not in (await ann.request("GET", private["url"], headers={"accept": "text/html"})).text


async def test_the_page_in_the_frame(square: Square, ann: Person) -> None:
    post = await ann.say("Hello <script>")
    page = await square.http.get(f"{post['url']}/embed")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "form-action 'none'" in policy
    assert "x-frame-options" not in page.headers
    assert page.headers["cache-control"] == "public, max-age=60, s-maxage=3"
    assert "set-cookie" not in page.headers
    assert "Hello &lt;script&gt;" in page.text
    assert '<base target="_blank">' in page.text
    assert not re.search(r"<script(?! src)|<style| style=|<form", page.text)
    script = re.search(r'<script src="([^"]+)"', page.text)
    assert script
    assert (await square.http.get(script[1])).status_code == 200
    outer = await square.http.get("/embed.js")
    assert outer.headers["content-type"].startswith("text/javascript")
    assert outer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_only_what_anybody_may_see_is_in_a_frame(square: Square, ann: Person) -> None:
    private = await ann.say("For followers", visibility="private")
    for path in (f"/@ann/{private['id']}/embed", "/@ann/1/embed", "/@ann/x/embed"):
        assert (await square.http.get(path)).status_code == 404
    post = await ann.say("Hello")
    assert (await square.http.get(f"/@ben/{post['id']}/embed")).status_code == 404
