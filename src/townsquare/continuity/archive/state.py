"""What stands in `data`/archive, on the host that is archived.

archive.json            the description (see model.Config); its presence is what switches the archive on
tests.json              the test keys
status.json             how it is, written each second
spool/                  the log as it comes
arrivals                keys of uploads that have just come
holes                   how many parts of the log did not come, and will not
base_asked              touched by who wants a base backup now
coming                  in a place that was restored: the list of uploads that have not come back yet
practice                in a copy that was restored for practice: nothing leaves it as long as this is there
targets/N.json          how far the target is; targets/N/ PostgreSQL's manifests; targets/N.db its uploads
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from townsquare.continuity.archive.model import ArchiveError, Config, TestKey
from townsquare.continuity.archive.spool import Spool
from townsquare.kernel.kept_file import write_file
from townsquare.kernel.settings import Settings
from townsquare.media.storage import Store, open_storage


class Home(msgspec.Struct, frozen=True):
    """The folder `data`/archive."""

    folder: Path

    @property
    def description(self) -> Path:
        return self.folder / "archive.json"

    @property
    def status(self) -> Path:
        return self.folder / "status.json"

    @property
    def arrivals(self) -> Path:
        return self.folder / "arrivals"

    @property
    def coming(self) -> Path:
        return self.folder / "coming"

    @property
    def practice(self) -> Path:
        return self.folder / "practice"

    @property
    def is_practice(self) -> bool:
        """Whether this is a copy beside the place: it writes to no archive, and its background work stands still."""
        return self.practice.exists()

    @property
    def lock(self) -> Path:
        return self.folder / "run.lock"

    @property
    def tests(self) -> Path:
        return self.folder / "tests.json"

    @property
    def spool(self) -> Spool:
        return Spool(self.folder / "spool")

    @property
    def holes(self) -> int:
        """How many parts of the log did not come, and will not."""
        return int(self._holes.read_bytes()) if self._holes.exists() else 0

    def note_hole(self) -> None:
        """One more."""
        write_file(self._holes, b"%d" % (self.holes + 1), lasting=True)

    def ask_for_base(self) -> None:
        """Have whoever keeps the archive make a base backup for each target now."""
        self._asked.touch(mode=0o600)

    def base_asked_at(self) -> datetime | None:
        """When that was asked for last."""
        try:
            return datetime.fromtimestamp(self._asked.stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    @property
    def _holes(self) -> Path:
        return self.folder / "holes"

    @property
    def _asked(self) -> Path:
        return self.folder / "base_asked"

    def of(self, url: str) -> Path:
        """Without a suffix: what is known of a target."""
        return self.folder / "targets" / hashlib.sha256(url.encode()).hexdigest()[:12]

    def scratch_of(self, url: str) -> Path:
        """Where a target is restored to by itself for a test: several may be at the same time."""
        return self.folder / f"scratch.{self.of(url).name}"

    def configured(self) -> bool:
        return self.description.exists()


def home_of(data: Path) -> Home:
    return Home(data / "archive")


def open_files(home: Home, settings: Settings) -> Store:
    """The place's store of files. What comes into it is noted for the archive, and what comes back from there is waited
    for. Raises SettingsError.
    """
    store = open_storage(settings.storage, settings.standby.folder)
    return msgspec.structs.replace(store, arrivals=home.arrivals, coming=home.coming)


def home_of_files(store: Store) -> Home | None:
    """Of the place whose store of files this is, as `open_files` has opened it."""
    return Home(store.arrivals.parent) if store.arrivals else None


def read_config(home: Home) -> Config:
    """Raises ArchiveError."""
    try:
        return msgspec.json.decode(home.description.read_bytes(), type=Config)
    except FileNotFoundError as error:
        raise ArchiveError("This place has no archive yet. Make one: townsquare archive init TARGET") from error
    except msgspec.DecodeError as error:
        raise ArchiveError(f"{home.description} cannot be read: {error}") from error


def write_config(home: Home, config: Config) -> None:
    write_file(home.description, msgspec.json.format(msgspec.json.encode(config), indent=1), lasting=True)


def read_tests(home: Home) -> list[TestKey]:
    return msgspec.json.decode(home.tests.read_bytes(), type=list[TestKey]) if home.tests.exists() else []


def write_tests(home: Home, keys: list[TestKey]) -> None:
    write_file(home.tests, msgspec.json.encode(keys), lasting=True)
