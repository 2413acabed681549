"""Bodies that do not arrive as they should."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.datastructures import Headers

from townsquare.kernel.errors import BadRequest, TooSlow
from townsquare.kernel.http import params
from townsquare.kernel.http.endpoint import Receive

JSON = {"content-type": "application/json"}
FORM = {"content-type": "multipart/form-data; boundary=x"}

BEGINNING = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'


def coming(*chunks: bytes, cut_off: bool = False, pause: float = 0.0) -> Receive:
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages[-1]["more_body"] = cut_off
    messages.append({"type": "http.disconnect"})

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.sleep(pause)
        return messages.pop(0)

    return receive


@pytest.mark.parametrize("headers", [JSON, FORM])
async def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]) -> None:
    monkeypatch.setattr(params, "PATIENCE", 0.05)
    drops = coming(BEGINNING, *[b"y"] * 1_000, pause=0.02)
    with pytest.raises(TooSlow) as refused:
        await params.body(Headers(headers), drops, limit=100_000)
    assert refused.value.status == 408


async def test_a_large_body_on_a_slow_line_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(params, "PATIENCE", 0.2)
    picture = coming(b'{"text": "', *[b"x" * 16_384] * 12, b'"}', pause=0.03)
    assert len((await params.body(Headers(JSON), picture, limit=1_000_000))["text"]) == 12 * 16_384


@pytest.mark.parametrize("headers", [JSON, FORM])
async def test_who_goes_away_in_the_middle_is_no_failure_of_ours(headers: dict[str, str]) -> None:
    with pytest.raises(BadRequest, match="cut off"):
        await params.body(Headers(headers), coming(BEGINNING, cut_off=True), limit=1_000)


@pytest.mark.parametrize("length", ["-1", "1e3", "²", "9" * 5_000])
async def test_a_length_that_is_none_is_refused(length: str) -> None:
    with pytest.raises(BadRequest, match="Content-Length"):
        await params.body(Headers(JSON | {"content-length": length}), coming(b"{}"), limit=1_000)
