"""What a host answers when another calls: who may ask for what, and what they get."""

import asyncio
import hashlib
import hmac
import os
import signal
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec
import structlog

from townsquare.continuity.standby import council, etcd, following, identity, promote, store, wire
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby.council import Voter
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.host import Host
from townsquare.continuity.standby.model import REPLICATION, SLOT, Glance, Peer, State, Taking, check_name
from townsquare.continuity.standby.wire import Asking, Stream, accept, decoded, refuse

LONGEST_HELLO: Final = 10_000
"""Bytes of the first message of PostgreSQL's protocol."""
VERSION_3: Final = 3 << 16
EXPECTED: Final = 30.0
"""Seconds in which the voters have decided, one way or the other."""
CLOSELY: Final = 0.02
FEW: Final = 32
"""Streams of those who have not said yet who they are."""

log = structlog.get_logger("link")


class Joining(msgspec.Struct, frozen=True):
    """What one who was invited says."""

    secret: str
    peer: Peer


class Joined(msgspec.Struct, frozen=True):
    """What it is given: who it follows from now on, and what a host of this place needs beside the data."""

    me: Peer
    peers: tuple[Peer, ...]
    term: int
    major: int
    """Of PostgreSQL: the same is needed there."""
    keys: bytes
    """The file of the place's keys."""
    settings: str
    """Its townsquare.toml."""
    archive: bytes
    """The description of its archive; empty where there is none."""
    media: bool
    """Whether files come through the link; else both hosts use the same store."""


class Witnessing(msgspec.Struct, frozen=True):
    """What a witness says that was invited."""

    secret: str
    voter: Voter


class Bundle(msgspec.Struct, frozen=True):
    """What of this is read from files, when it is asked for."""

    major: int
    keys: bytes
    settings: str
    archive: bytes = b""


async def take(host: Host, bundle: Callable[[], Bundle], stream: Stream) -> None:
    """One call. Raises one of wire.LOST."""
    async with asyncio.timeout(wire.PATIENCE):
        asking = await stream.hear(Asking)
    state = host.read()
    fingerprint = stream.caller()
    peer = next((one for one in state.peers if identity.fingerprint(one.certificate) == fingerprint), None)
    if asking.service == "join":
        await _join(host, bundle, stream, decoded(asking.given, Joining))
    elif asking.service == "witness":
        await _witness(host, stream, decoded(asking.given, Witnessing))
    elif peer is None:
        await refuse(stream, "This host does not know you")
    else:
        await _serve(host, bundle, peer, asking, stream)


async def _serve(host: Host, bundle: Callable[[], Bundle], peer: Peer, asking: Asking, stream: Stream) -> None:
    match asking.service:
        case "beat":
            await accept(stream)
            await _beat(host, peer, stream)
        case "postgres":
            await _postgres(host, peer, stream)
        case "web":
            reader, writer = await asyncio.open_connection("127.0.0.1", host.http)
            await accept(stream)
            await wire.relay(stream, Stream(reader, writer))
        case "media":
            await accept(stream)
            await host.outbox.serve(peer.name, stream)
        case "bundle":
            await accept(stream, await asyncio.to_thread(bundle))
        case "kit":
            await _kit(host, peer, stream)
        case "take":
            await _lead(host, stream, decoded(asking.given, Taking))
        case "expect":
            await _expect(host, stream)
        case _:
            await refuse(stream, f"This host knows no {asking.service}")


async def _lead(host: Host, stream: Stream, taking: Taking) -> None:
    """The primary has stopped, and hands the place over; it asks again where it has heard no answer."""
    async with host.looking:
        wrong = await _against(host, taking)
        if wrong:
            host.refused.add(taking.number)
            await refuse(stream, wrong)
            return
        host.state = await promote.lead(host.data, host.folder, host.db)
        host.writes = True
    os.kill(os.getppid(), signal.SIGUSR1)  # who starts the background work looks at once
    await accept(stream, host.glance())


async def _against(host: Host, taking: Taking) -> str:
    """Why this host does not take the place over; empty where it does, or has begun to."""
    state = host.state
    if taking.number in host.refused:
        return f"{state.name} has refused that"
    if state.role == "primary" and state.term == taking.term:
        return ""
    if state.role != "standby" or taking.term != state.term + 1:
        return f"{state.name} does not follow you (it is {state.role} of term {state.term})"
    await host.measure()
    return f"{state.name} lacks the end of the log" if host.standing.flushed <= taking.lsn else ""


async def _expect(host: Host, stream: Stream) -> None:
    """The voters are asked to have this host lead: look closely, and tell when it does."""
    async with asyncio.timeout(EXPECTED):
        while host.state.role != "primary":
            await following.follow_engine(host)
            await asyncio.sleep(CLOSELY)
    await accept(stream, host.glance())


async def _beat(host: Host, peer: Peer, stream: Stream) -> None:
    """Each says how it is whenever the caller does."""
    while True:
        async with asyncio.timeout(wire.PATIENCE):
            glance = await stream.hear(Glance)
        if glance.name == peer.name:
            host.heard(glance)
        await stream.say(host.glance())


async def _postgres(host: Host, peer: Peer, stream: Stream) -> None:
    """Lead a follower to PostgreSQL, as the role that can write nothing, and no other."""
    if host.council is None:
        if host.state.role != "primary":
            await refuse(stream, "This host is not the primary")
            return
        await store.ensure_slot(host.db, SLOT + peer.name)
    await accept(stream)
    hello = await _hello(stream)
    if role_of(hello) != REPLICATION:
        log.error("a standby wanted to sign in to PostgreSQL as another role", peer=peer.name)
        return
    socket = host.postgres()
    reader, writer = await asyncio.open_unix_connection(str(socket))
    writer.write(hello)
    await wire.relay(stream, Stream(reader, writer))


async def _hello(stream: Stream) -> bytes:
    """The first message, StartupMessage of PostgreSQL's protocol 3: a length, a version, names and values."""
    head = await stream.reader.readexactly(4)
    length = struct.unpack("!i", head)[0]
    if not 8 <= length <= LONGEST_HELLO:  # noqa: PLR2004 (length and version)
        raise StandbyError("This is not PostgreSQL's protocol")
    return head + await stream.reader.readexactly(length - 4)


def role_of(hello: bytes) -> str:
    """As whom it wants to sign in; nobody, where it is another message."""
    if struct.unpack("!i", hello[4:8])[0] >> 16 != VERSION_3 >> 16:
        return ""
    words = hello[8:].split(b"\0")
    found = dict(zip(words[::2], words[1::2], strict=False))
    return found.get(b"user", b"").decode(errors="replace")


async def _join(host: Host, bundle: Callable[[], Bundle], stream: Stream, joining: Joining) -> None:
    try:
        check_name(joining.peer.name)
        if host.state.role != "primary":
            raise StandbyError("This host is not the primary. Ask for an invitation there")
        if joining.peer.name == host.state.name:
            raise StandbyError(f"The primary itself is called {host.state.name}: choose another name with --name")
        peer = joining.peer
        files.change(host.folder, lambda state: _with(used_up(state, joining.secret), peer))
    except (StandbyError, ValueError) as error:
        await refuse(stream, str(error))
        return
    state = host.read()
    host.admit(joining.peer.certificate)
    await store.ensure_role(host.db)
    await store.ensure_slot(host.db, SLOT + joining.peer.name)
    log.info("a standby has joined", name=joining.peer.name, address=joining.peer.address)
    told = await asyncio.to_thread(bundle)
    others = tuple(one for one in state.peers if one.name != joining.peer.name)
    await accept(
        stream,
        Joined(
            host.me,
            others,
            state.term,
            told.major,
            told.keys,
            told.settings,
            told.archive,
            media=host.media is not None,
        ),
    )


async def _witness(host: Host, stream: Stream, given: Witnessing) -> None:
    try:
        check_name(given.voter.name)
        files.change(host.folder, lambda state: used_up(state, given.secret))
        kit = await asyncio.to_thread(council.take_witness, host.data, given.voter)
    except (StandbyError, ValueError) as error:
        await refuse(stream, str(error))
        return
    log.info("a witness has joined", name=given.voter.name, host=given.voter.host)
    await accept(stream, kit)


async def _kit(host: Host, peer: Peer, stream: Stream) -> None:
    """Only where this host is led by the council already: nobody else may lead before it does."""
    if host.council is None:
        await refuse(stream, f"{host.state.name} does not run by itself yet: start `townsquare up` anew there first")
        return
    try:
        kit = await asyncio.to_thread(council.kit_for, host.data, peer.name)
        await asyncio.to_thread(etcd.admit, host.data, host.council, peer.name)
        await accept(stream, kit)
    except StandbyError as error:
        await refuse(stream, str(error))


def used_up(state: State, secret: str) -> State:
    """The state without the invitation. Raises StandbyError where there is none."""
    hashed, now = hashlib.sha256(secret.encode()).digest(), datetime.now(UTC)
    used = next((one for one in state.invitations if hmac.compare_digest(one.secret_hash, hashed)), None)
    if used is None or used.until < now:
        raise StandbyError("This invitation was used before, or has expired. Make another where it came from")
    return files.kept(
        state, invitations=tuple(one for one in state.invitations if one is not used and one.until >= now)
    )


def _with(state: State, peer: Peer) -> State:
    return files.kept(state, peers=(*(one for one in state.peers if one.name != peer.name), peer))
