import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rooms.media import pictures
from townsquare.kernel.errors import Unavailable
from townsquare.media import work
from townsquare.media.errors import NotAnImage, TooManyPixels
from townsquare.media.formats import ImageLimits
from townsquare.media.images import process, process_avatar

LIMITS = ImageLimits()


async def test_requests_are_answered_while_a_picture_is_worked_on() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.create_task(tick())
    result = await work.run(process, pictures.jpeg(pictures.photo(3000, 2000)), LIMITS)
    ticking.cancel()
    assert result.original.size == (3000, 2000)
    assert ticks > 10


async def test_refusals_reach_the_one_who_asked() -> None:
    with pytest.raises(NotAnImage):
        await work.run(process, b"no picture", LIMITS)
    with pytest.raises(TooManyPixels):
        await work.run(process_avatar, pictures.png_header(60_000, 60_000), LIMITS)
    assert (await work.run(process_avatar, pictures.png(), LIMITS)).picture.size == (240, 240)


async def test_too_many_at_once_are_asked_to_wait() -> None:
    data = pictures.png(pictures.photo(64, 64))
    tries = [work.run(process, data, LIMITS) for _ in range(work.MOST_WAITING + 5)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    refused = [result for result in results if isinstance(result, Unavailable)]
    assert len(refused) == 5
    assert refused[0].status == 503
    assert (await work.run(process, data, LIMITS)).original.size == (64, 64)


async def test_a_press_ends_with_the_process_that_has_it() -> None:
    """Also when that is killed, in the middle of whatever it is doing."""
    code = "from time import sleep; from townsquare.media import work; p = work.Press(work.WAITED_FOR);"
    code += "print(p._process.pid, flush=True); sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    press = Path(f"/proc/{int(parent.stdout.readline())}/stat")
    for _ in range(200):
        if b"townsquare.media.press" in press.with_name("cmdline").read_bytes():
            break
        await asyncio.sleep(0.05)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(200):
        if not press.exists() or press.read_text().rpartition(") ")[2][0] == "Z":
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the press goes on")
