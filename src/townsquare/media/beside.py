"""Tells the link of this host which files were stored, so that a second host has them too (see continuity/standby).

Where what is acknowledged must stand on both hosts, `tell` returns when the other one has the file on its disk.
"""

import asyncio
from pathlib import Path
from typing import Final, Literal

import msgspec
import structlog

from townsquare.kernel.errors import Unavailable

SOCKET: Final = "link.sock"
STATE: Final = "state.json"
PATIENCE: Final = 15.0

log = structlog.get_logger("storage")

Act = Literal["put", "drop", "move"]


class Order(msgspec.Struct, frozen=True):
    """What was done. `wait`: whether it is to be on the other host before anybody is told."""

    act: Act
    key: str
    to: str = ""
    wait: bool = True


class Outcome(msgspec.Struct, frozen=True):
    """What the link says to it: what is wrong, or nothing."""

    wrong: str = ""


class _State(msgspec.Struct, frozen=True):
    armed: bool = False


async def tell(folder: str, *orders: Order) -> None:
    """Say what was done with files. Raises Unavailable where the other host must have one and has not."""
    if not folder or not orders or not await asyncio.to_thread(Path(folder, STATE).exists):
        return
    try:
        async with asyncio.timeout(PATIENCE):
            wrong = await _said(Path(folder, SOCKET), orders)
    except (OSError, TimeoutError, asyncio.IncompleteReadError, msgspec.DecodeError) as error:
        wrong = repr(error) if _armed(Path(folder, STATE)) else ""
    if wrong and any(order.wait for order in orders):
        log.error("a file does not stand on a second host, and is not acknowledged", reason=wrong)
        raise Unavailable("Files cannot be stored safely right now. Try again later")


async def _said(socket: Path, orders: tuple[Order, ...]) -> str:
    reader, writer = await asyncio.open_unix_connection(str(socket))
    try:
        wrong = ""
        for order in orders:
            writer.write(msgspec.json.encode(order) + b"\n")
            await writer.drain()
            wrong = msgspec.json.decode(await reader.readuntil(b"\n"), type=Outcome).wrong or wrong
        return wrong
    finally:
        writer.close()


def _armed(state: Path) -> bool:
    """Whether files must stand on both hosts."""
    return msgspec.json.decode(state.read_bytes(), type=_State).armed
