"""What runs depends on the host's part: the background work where it leads, the link where it is not alone."""

import asyncio
import signal
from pathlib import Path

import msgspec
import structlog
import uvloop

from townsquare.cli.errors import CommandError
from townsquare.cli.place import Place, standby_folder
from townsquare.cli.progress import NOTE, tell
from townsquare.cli.supervisor import Part
from townsquare.continuity.archive import carry_on
from townsquare.continuity.archive.state import home_of
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby import join, link
from townsquare.continuity.standby.answers import Bundle
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.link import Chosen
from townsquare.continuity.standby.model import State
from townsquare.db import launcher
from townsquare.kernel import logs
from townsquare.kernel.settings import Settings

log = structlog.get_logger("supervisor")


class Beside:
    """Of one `townsquare up`. `settings`: with every blank filled in."""

    def __init__(self, settings: Settings, data: Path, port: int, workers: int) -> None:
        self._settings = settings
        self._data = data
        self._port = port
        self._workers = workers
        self._folder = Path(settings.standby.folder)
        self._state = files.read(self._folder)
        self._work: Part | None = None
        self._link: Part | None = None

    @property
    def leads(self) -> bool:
        """Whether this host writes."""
        return self._state is None or self._state.role == "primary"

    @property
    def works(self) -> bool:
        """Whether what goes out of the place goes out of this host: letters, mirrors, the archive."""
        return self.leads and not home_of(self._data).is_practice

    @property
    def told(self) -> str:
        """What this host is, for the terminal."""
        return f"follows {self._state.primary}" if self._state is not None and not self.leads else "leads"

    def with_leader(self, part: Part) -> Part:
        """A part that runs only where this host leads, and is no copy for practice."""
        self._work = msgspec.structs.replace(part, wanted=self.works)
        return self._work

    def with_others(self, part: Part) -> Part:
        """A part that runs only where there are other hosts."""
        self._link = msgspec.structs.replace(part, wanted=self._state is not None)
        return self._link

    def look(self) -> None:
        """To be called each second or so: commands change the part of this host."""
        self._state = files.read(self._folder)
        if self._work is not None:
            self._work.wanted = self.works and not (self._state and self._state.moving)
        if self._link is not None:
            self._link.wanted = self._state is not None

    def run_link(self) -> int:
        """The link's process, until SIGTERM."""
        logs.configure(self._settings.log)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._linked())
        return 0

    async def _linked(self) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        settings = self._settings
        await link.run(
            Chosen(
                data=self._data,
                folder=self._folder,
                http=self._port,
                workers=self._workers,
                durability=settings.durability,
                missing=settings.standby.missing,
                media=media_folder(settings),
                keys=Path(settings.keys.file),
                bundle=self._bundle,
            ),
            stop,
        )

    def _bundle(self) -> Bundle:
        """What a host that joins is given."""
        chosen = self._data / "townsquare.toml"
        text = chosen.read_text(encoding="utf-8") if chosen.exists() else ""
        return Bundle(
            launcher.cluster_major(self._data) or 0,
            Path(self._settings.keys.file).read_bytes(),
            text,
            carry_on.description(self._data),
        )


def undecided(state: State) -> str:
    """What is said where nobody knows which of two hosts leads."""
    return (
        f"The place was being moved to {state.moving}, which does not answer, and may lead by now. Have it answer; "
        "or if it surely does not lead: townsquare promote --force"
    )


def check_leads(place: Place) -> None:
    """Before a host that led begins to write again: ask the others whether it leads still. Raises CommandError."""
    folder = standby_folder(place.settings, place.data)
    try:
        state = files.read(folder)
        if state is None or state.role != "primary" or not state.peers:
            return
        leading = asyncio.run(join.find_primary(folder, state))
        if leading is not None and leading.term > state.term:
            files.change(folder, lambda old: files.become(old, "fenced", primary=leading.name, armed=False, moving=""))
        elif state.moving:
            peer = state.peer(state.moving)
            if peer is not None and asyncio.run(join.glance_at(folder, state, peer)) is None:
                raise CommandError(undecided(state))
            files.change(folder, lambda old: files.kept(old, moving=""))
        elif leading is None:
            tell(NOTE, "Standby", "no other host was reached to ask whether it has taken over meanwhile")
    except StandbyError as error:
        raise CommandError(str(error)) from error


def media_folder(settings: Settings) -> Path | None:
    """Where the files stand; None where a store elsewhere has them, which both hosts use."""
    url = settings.storage.url
    if "://" not in url:
        return Path(url)
    return Path(url.removeprefix("file://")) if url.startswith("file://") else None
