"""A browser reduced to what the door sees of it: cookies, headers, forms. The service runs in this process."""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from urllib.parse import urlencode

import httpx

from tests.support.square import Square

PASSWORD = "correct horse battery"
"""Of everybody whom `Square.person` makes."""
OURS = {"sec-fetch-site": "same-origin", "origin": "https://town.example"}
"""What browsers say of where a form of ours comes from."""
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class Visitor:
    """Follows no redirects. `http` has its cookies."""

    def __init__(self, square: Square, transport: httpx.ASGITransport | None = None) -> None:
        self.http = httpx.AsyncClient(transport=transport or square.http._transport, base_url=square.http.base_url)

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def token(self, page: str) -> str:
        """What the forms of a page carry."""
        found = _TOKEN.search((await self.get(page)).text)
        assert found, page
        return unescape(found[1])

    async def send(self, path: str, *, page: str = "", **fields: str | Sequence[str]) -> httpx.Response:
        """Send a form as a browser does, with the token of a page of ours, if one is named."""
        if page:
            fields = {"csrf": await self.token(page), **fields}
        return await self.submit(path, OURS, **fields)

    async def submit(self, path: str, headers: Mapping[str, str], /, **fields: str | Sequence[str]) -> httpx.Response:
        """Send a form with headers of one's own."""
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return await self.http.post(path, content=urlencode(fields, doseq=True), headers={**kind, **headers})

    async def sign_in(self, name: str, **fields: str) -> httpx.Response:
        """As somebody whom `Square.person` made."""
        asked = "/sign-in?" + urlencode(fields)
        answer = await self.send("/sign-in", page=asked, login=name, password=PASSWORD, **fields)
        assert answer.status_code == 303, answer.text
        return answer

    async def post(self, text: str, **fields: str) -> str:
        """Write a post; its id."""
        answer = await self.send("/posts", page="/home", text=text, **fields)
        assert answer.status_code == 303, answer.text
        found = re.search(r'id="post-(\d+)"', (await self.get("/home")).text)
        assert found
        return found[1]

    def cookies(self) -> dict[str, str]:
        return dict(self.http.cookies)


async def visitor(square: Square, name: str = "") -> Visitor:
    """A new browser; signed in as somebody new, if a name is given."""
    one = Visitor(square)
    if name:
        await square.person(name)
        await one.sign_in(name)
    return one
