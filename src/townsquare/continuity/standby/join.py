"""How a host comes to follow: invited once, given what it needs, and filled with a copy of all data."""

import asyncio
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from townsquare.continuity.archive import carry_on
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby import identity, replication, wire
from townsquare.continuity.standby.answers import Bundle, Joined, Joining, Witnessing
from townsquare.continuity.standby.council import Kit, voter_of
from townsquare.continuity.standby.etcd import SETTLING
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.model import SLOT, Glance, Invitation, Peer, State, check_name
from townsquare.db.cluster import owner
from townsquare.db.launcher import Binaries
from townsquare.kernel import keyring

SCHEME: Final = "townsquare-standby"
_URL: Final = re.compile(rf"{SCHEME}://(?P<address>[^/\s]+)/(?P<secret>[\w-]{{20,}})#(?P<fingerprint>[0-9a-f]{{64}})")
HELPERS: Final = ("pg_basebackup", "pg_rewind", "pg_controldata")


def lead(folder: Path, name: str, address: str, listen: str) -> State:
    """The state of a host that is going to invite its first standby; where there is one, with the new address."""
    check_name(name)
    known = files.read(folder)
    identity.ensure(folder, name)
    if known is None:
        state = State(name, "primary", 1, address, listen, since=datetime.now(UTC), led=1)
        files.create(folder, state)
        return state
    if known.role != "primary":
        raise StandbyError(f"This host is no primary, but {known.role}. Invite on {known.primary or 'the primary'}")
    return files.change(
        folder, lambda old: files.kept(old, address=address or old.address, listen=listen or old.listen)
    )


def invite(folder: Path, holds: timedelta) -> str:
    """An address by which one host can join, once."""
    secret = secrets.token_urlsafe(24)
    one = Invitation(hashlib.sha256(secret.encode()).digest(), datetime.now(UTC) + holds)
    state = files.change(folder, lambda old: files.kept(old, invitations=(*old.invitations, one)))
    return f"{SCHEME}://{state.address}/{secret}#{identity.fingerprint(identity.own(folder))}"


async def ask_in(folder: Path, url: str, name: str, address: str, listen: str) -> Joined:
    """Use an invitation: this host is known to the primary from then on. Raises StandbyError, or one of wire.LOST."""
    found = invitation(url)
    check_name(name)
    me = Peer(name, address, identity.ensure(folder, name))
    stream = await wire.call(found["address"], identity.calling_first(), pinned=found["fingerprint"])
    try:
        joined = await wire.ask(stream, "join", Joining(found["secret"], me), Joined, patience=30)
    finally:
        await stream.close()
    # The address in the invitation was reached, which the primary cannot know of its own.
    primary = msgspec.structs.replace(joined.me, address=found["address"])
    files.create(
        folder,
        State(
            name,
            "standby",
            joined.term,
            address,
            listen,
            (primary, *joined.peers),
            primary.name,
            since=datetime.now(UTC),
        ),
    )
    return joined


def unpack(joined: Joined, keys: Path, settings: Path, data: Path) -> None:
    """Lay down what was given beside the data."""
    keyring.lay_down(keys, joined.keys)
    carry_on.lay_down(data, joined.archive)
    if joined.settings and not settings.exists():
        settings.touch(mode=0o600)
        settings.write_text(joined.settings, encoding="utf-8")


async def copy(data: Path, folder: Path, state: State, binaries: Binaries, told: Callable[[str], None]) -> None:
    """A copy of the primary's database in `data`/postgres, which follows from where it ends. Raises StandbyError."""
    check_helpers(binaries)
    who = owner.owner_of(data / "postgres")
    draft = data / "postgres.joining"
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    owner.give(who, draft)
    who = owner.reaching(who, binaries, draft)
    conninfo = replication.conninfo(data, state.name)
    command = ("pg_basebackup", "-D", draft.name, "-d", conninfo, "-X", "stream", "-S", SLOT + state.name, "-c", "fast")
    async with relayed(data, folder, state):
        answer = await asyncio.to_thread(
            owner.run, who, data, binaries.program(command[0]), *command[1:], "--no-password"
        )
    if answer.returncode:
        raise StandbyError(f"The copy has failed: {answer.stdout.strip()}")
    told("the database is copied")
    (draft / replication.SIGNAL).touch(mode=0o600)
    owner.give(who, draft)
    _replace(data, draft)


async def rewind(data: Path, folder: Path, state: State, binaries: Binaries) -> str:
    """Take a host that led once back to where the other one's past parted from its own. What went wrong, or nothing."""
    who = owner.reaching(owner.owner_of(data / "postgres"), binaries, data / "postgres")
    source = replication.conninfo(data, state.name)
    arguments = ("-D", "postgres", "--source-server", source, "--config-file", "postgres/postgresql.conf", "--progress")
    async with relayed(data, folder, state):
        answer = await asyncio.to_thread(owner.run, who, data, binaries.program("pg_rewind"), *arguments)
    if answer.returncode == 0:
        replication.follow(data)
        return ""
    return answer.stdout.strip().splitlines()[-1] if answer.stdout.strip() else "pg_rewind failed"


def check_helpers(binaries: Binaries) -> None:
    """Raise StandbyError where PostgreSQL's programs for copies are not beside its server."""
    missing = [name for name in HELPERS if not os.access(binaries.program(name), os.X_OK)]
    if missing:
        raise StandbyError(
            f"{binaries.folder} lacks {', '.join(missing)}. Name a whole PostgreSQL with database.binaries"
        )


@asynccontextmanager
async def relayed(data: Path, folder: Path, state: State) -> AsyncGenerator[None]:
    """PostgreSQL's programs on this host reach the primary's for the time of the block."""
    primary = state.peer(state.primary)
    if primary is None:
        raise StandbyError("This host follows nobody")
    path = replication.socket(data)

    async def onward(stream: wire.Stream) -> None:
        context = identity.calling(folder, primary.certificate)
        far = await wire.call(primary.address, context, pinned=identity.fingerprint(primary.certificate))
        await wire.ask(far, "postgres", None, object)
        await wire.relay(stream, far)

    server = await wire.local(path, onward)
    try:
        yield
    finally:
        server.close()


async def keep_way(data: Path, folder: Path, state: State) -> None:
    """The same for as long as the task lives."""
    async with relayed(data, folder, state):
        await asyncio.Event().wait()


async def fetch_keys(folder: Path, state: State, keys: Path, data: Path) -> None:
    """The place's keys, and where its archive is, as they are at the primary now.

    Raises StandbyError, KeyringError, or one of wire.LOST.
    """
    primary = state.peer(state.primary)
    if primary is None:
        return
    context = identity.calling(folder, primary.certificate)
    stream = await wire.call(primary.address, context, pinned=identity.fingerprint(primary.certificate))
    try:
        given = await wire.ask(stream, "bundle", None, Bundle)
    finally:
        await stream.close()
    keyring.lay_down(keys, given.keys)
    carry_on.lay_down(data, given.archive)


async def fetch_kit(folder: Path, state: State) -> Kit:
    """What this host needs to be a voter. Raises StandbyError, or one of wire.LOST."""
    primary = state.peer(state.primary)
    if primary is None:
        raise StandbyError("This host follows nobody")
    context = identity.calling(folder, primary.certificate)
    stream = await wire.call(primary.address, context, pinned=identity.fingerprint(primary.certificate))
    try:
        return await wire.ask(stream, "kit", None, Kit, patience=SETTLING + wire.PATIENCE)
    finally:
        await stream.close()


async def ask_to_witness(url: str, name: str, address: str, listen: str) -> Kit:
    """Use an invitation to be the third voter. Raises StandbyError, or one of wire.LOST."""
    found = invitation(url)
    check_name(name)
    stream = await wire.call(found["address"], identity.calling_first(), pinned=found["fingerprint"])
    try:
        return await wire.ask(stream, "witness", Witnessing(found["secret"], voter_of(name, address, listen)), Kit)
    finally:
        await stream.close()


def invitation(url: str) -> re.Match[str]:
    """Address, secret and fingerprint of one. Raises StandbyError."""
    found = _URL.fullmatch(url.strip())
    if found is None:
        raise StandbyError(f"This is no invitation. It reads {SCHEME}://HOST:PORT/SECRET#FINGERPRINT, in quotes")
    return found


async def find_primary(folder: Path, state: State) -> Glance | None:
    """Ask all hosts that this one knows who leads: the latest term's, None where nobody who leads is reached."""
    glances = await asyncio.gather(*(glance_at(folder, state, one) for one in state.peers))
    leading = [one for one in glances if one is not None and one.role == "primary"]
    return max(leading, key=lambda one: one.term, default=None)


async def glance_at(folder: Path, state: State, peer: Peer, *, patience: float = 3.0) -> Glance | None:
    """How another host is; None where it is not reached."""
    try:
        context = identity.calling(folder, peer.certificate)
        stream = await wire.call(
            peer.address, context, pinned=identity.fingerprint(peer.certificate), patience=patience
        )
        try:
            await wire.ask(stream, "beat", None, object, patience=patience)
            me = Peer(state.name, state.address, identity.own(folder))
            async with asyncio.timeout(patience):
                await stream.say(Glance(state.name, state.role, state.term, writes=False, peers=(me,)))
                return await stream.hear(Glance)
        finally:
            await stream.close()
    except (*wire.LOST, StandbyError):
        return None


def _replace(data: Path, draft: Path) -> None:
    """The copy gets the name last: one that is half made is never used. What was there before is kept aside."""
    target = data / "postgres"
    if target.exists():
        target.rename(data / f"postgres.before-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    draft.rename(target)
