"""The archive goes on after another host leads: that one knows of it beforehand, and begins a chain of its own."""

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from townsquare.continuity.archive.model import Config, Origin, new_chain
from townsquare.continuity.archive.state import home_of, read_config, write_config


def lay_down(data: Path, description: bytes) -> None:
    """Keep what the host that leads keeps: where to, for whom, in which chain. This host has one of its own."""
    home = home_of(data)
    if not description:
        return
    told = msgspec.json.decode(description, type=Config)
    chain = read_config(home).chain if home.configured() else new_chain()
    home.folder.mkdir(mode=0o700, exist_ok=True)
    write_config(home, msgspec.structs.replace(told, chain=chain, origin=None, follows=told.chain))


def description(data: Path) -> bytes:
    """What the others are given; empty where there is no archive."""
    home = home_of(data)
    return home.description.read_bytes() if home.configured() else b""


def digest(data: Path) -> bytes:
    """By which it is seen that it has changed: of all, with the chain of the host that leads."""
    home = home_of(data)
    if not home.configured():
        return b""
    config = read_config(home)
    config = msgspec.structs.replace(config, chain="", origin=None, follows=config.follows or config.chain)
    return hashlib.sha256(msgspec.msgpack.encode(config)).digest()


def begin(data: Path) -> None:
    """Another host has led since this one did, so what is known here of the targets is old.

    May be cut off anywhere and begun again: what it carries on is written down before what is known goes.
    """
    home = home_of(data)
    if not home.configured():
        return
    config, targets = read_config(home), home.folder / "targets"
    if not config.follows:
        if config.origin is not None and not targets.exists():
            return  # it has begun, and nothing of this chain has gone anywhere yet
        config = msgspec.structs.replace(config, follows=config.chain)
        write_config(home, config)
    shutil.rmtree(targets, ignore_errors=True)
    shutil.rmtree(home.folder / "spool", ignore_errors=True)
    origin = Origin(config.follows, (config.follows,), datetime.now(UTC))
    write_config(home, msgspec.structs.replace(config, chain=new_chain(), origin=origin, follows=""))
