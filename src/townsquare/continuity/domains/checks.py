"""What would stop a move to another domain: names, certificates, what stands in front, and settings."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from townsquare.kernel import domains
from townsquare.kernel.domains import PATH, host_of
from townsquare.kernel.keyring import Keyring
from townsquare.kernel.settings import Settings

PATIENCE: Final = 10.0


class Found(msgspec.Struct, frozen=True):
    """What was looked at, and what is wrong with it; empty: nothing. `stops`: the move would fail or harm."""

    what: str
    wrong: str = ""
    stops: bool = True


async def look(settings: Settings, keys: Keyring, url: str, said: Sequence[str]) -> list[Found]:
    """Everything. `said`: keys of settings that are said by a file, the environment or the command line."""
    name = await _name(url)
    reached = [name] if name.wrong else [name, await _reached(settings, keys, url)]
    return [*reached, _announced(settings, url), *_settings(settings, url, said)]


async def _name(url: str) -> Found:
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        await asyncio.get_running_loop().getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return Found("DNS", f"{parts.hostname} leads nowhere ({error.strerror or error}). Add an A or AAAA record")
    return Found("DNS")


async def _reached(settings: Settings, keys: Keyring, url: str) -> Found:
    """That what answers there is this place: it shows a document that our own key has signed."""
    what = "HTTPS and proxy" if url.startswith("https:") else "Proxy"
    try:
        async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False) as client:
            answer = await client.get(url + PATH)
    except httpx.HTTPError as error:
        return Found(
            what, f"{url} does not answer: {str(error) or type(error).__name__}. Look at the certificate and the proxy"
        )
    if not answer.is_success:
        return Found(
            what, f"{url}{PATH} answers {answer.status_code}. Have the proxy pass requests for {host_of(url)} on"
        )
    pointer = domains.read(answer.content, domains.public_key(keys))
    if pointer is None:
        return Found(what, f"What answers at {url} is another service than this one")
    if pointer.now != settings.public_url:
        return Found(what, f"What answers at {url} says that it is {pointer.now}: restart the service")
    return Found(what)


def _announced(settings: Settings, url: str) -> Found:
    if settings.next_url == url:
        return Found("Announced")
    text = f"Nobody was told of {url}. Run townsquare domain add {host_of(url)}, and wait a few days if you can"
    return Found("Announced", text, stops=False)


def _settings(settings: Settings, url: str, said: Sequence[str]) -> list[Found]:
    found: list[Found] = []
    old = settings.domain.partition(":")[0]
    if settings.mail.sender and f"@{old}" in settings.mail.sender:
        text = f"mail.sender is at {old}: give it an address at {host_of(url)} when its mail records are there"
        found.append(Found("Mail", text, stops=False))
    if "former_urls" in said or "next_url" in said:
        found.append(
            Found("Settings", "former_urls or next_url is set by hand: leave them to `townsquare domain`", stops=False)
        )
    return found or [Found("Settings")]
