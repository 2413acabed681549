"""How the two engines are started: etcd, which keeps who leads, and Patroni, which has PostgreSQL do what it says."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from townsquare.continuity.archive.store import SLOT as ARCHIVE
from townsquare.continuity.standby import council as councils
from townsquare.continuity.standby import replication
from townsquare.continuity.standby.council import AUTHORITY, OWN, Council, Voter, bracketed
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.model import REPLICATION
from townsquare.db.cluster import owner, sockets
from townsquare.db.cluster.configuration import DATABASE
from townsquare.db.launcher import Binaries

LEASE: Final = 5
"""Seconds for which a host leads after it was last confirmed. Not less than LOOK and twice ANSWER: who cannot be
confirmed has stepped down before anybody else may lead."""
LOOK: Final = 1
"""Seconds between two confirmations."""
ANSWER: Final = 2
"""Seconds in which etcd must have answered, all tries together."""
BEAT, PATIENCE = 100, 1000
"""Milliseconds: etcd's own beat, and after how long without one the voters choose anew. A beat is to be about what the
way to the farthest voter takes, the other ten times that."""
CONFIGURATION: Final = "patroni.json"
ETCD: Final = ("etcd", "/usr/lib/etcd/etcd")


def find_etcd() -> str:
    """The program. Raises StandbyError."""
    found = next((path for one in ETCD if (path := shutil.which(one))), None)
    if found is None:
        raise StandbyError("etcd is not installed here. On Debian: apt install etcd-server (its service is not needed)")
    return found


def check_patroni() -> None:
    """Raise StandbyError where it is not installed."""
    if any(importlib.util.find_spec(name) is None for name in ("patroni", "psycopg2", "etcd")):
        raise StandbyError("Patroni is not installed here: make deps-automatic, or pip install 'townsquare[automatic]'")


def etcd_command(program: str, data: Path, council: Council) -> list[str]:
    """One voter's etcd. Whoever has no certificate of this place's authority gets nothing from it."""
    folder, own = councils.folder_of(data), council.own
    certificate, trusted = str(folder / OWN), str(folder / AUTHORITY)
    beginning = {one.name for one in council.voters if own.name == council.late or one.name != council.late}
    options: dict[str, object] = {
        "name": own.name,
        "data-dir": folder / "etcd",
        "listen-client-urls": f"https://{bracketed(own.listen)}:{own.port + 1}",
        "advertise-client-urls": own.client,
        "listen-peer-urls": f"https://{bracketed(own.listen)}:{own.port + 2}",
        "initial-advertise-peer-urls": own.peer,
        "initial-cluster": ",".join(f"{one.name}={one.peer}" for one in council.voters if one.name in beginning),
        "initial-cluster-token": council.token,
        "initial-cluster-state": "existing" if own.name == council.late else "new",
        "cert-file": certificate,
        "key-file": certificate,
        "trusted-ca-file": trusted,
        "peer-cert-file": certificate,
        "peer-key-file": certificate,
        "peer-trusted-ca-file": trusted,
        "heartbeat-interval": BEAT,
        "election-timeout": PATIENCE,
        # Who hears nobody, and can be heard, does not have the others choose anew, which would prolong every lease.
        "pre-vote": "true",
        "auto-compaction-mode": "periodic",
        "auto-compaction-retention": "1h",
        "logger": "zap",
        "log-level": "error",
        "log-outputs": folder / "etcd.log",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [program, *flags, "--client-cert-auth", "--peer-client-cert-auth"]


def patroni_command(data: Path) -> list[str]:
    """Patroni as this module's neighbour starts it."""
    script = "townsquare.continuity.standby.engine"
    return [sys.executable, "-I", "-m", script, str(councils.folder_of(data) / CONFIGURATION)]


def write_patroni(data: Path, council: Council, binaries: Binaries) -> None:
    """What Patroni is told; JSON is YAML, too."""
    file = councils.folder_of(data) / CONFIGURATION
    file.write_bytes(msgspec.json.format(msgspec.json.encode(patroni_settings(data, council, binaries)), indent=1))
    (file.parent / "log").mkdir(mode=0o700, exist_ok=True)


def patroni_settings(data: Path, council: Council, binaries: Binaries) -> dict[str, Any]:
    """See patroni.readthedocs.io. PostgreSQL listens on its socket alone; the hosts reach each other's by the link."""
    folder, own = councils.folder_of(data), council.own
    certificate, trusted = str(folder / OWN), str(folder / AUTHORITY)
    shown = {"certfile": certificate, "keyfile": certificate}
    # The link encrypts, and what goes into it within this host does not.
    reading = {"username": REPLICATION, "sslmode": "disable", "gssencmode": "disable"}
    socket = sockets.directory(data, owner.owner_of(data / "postgres"))
    return {
        "scope": f"townsquare-{council.token}",
        "name": own.member,
        "log": {"level": "INFO", "dir": str(folder / "log"), "file_num": 4, "file_size": 8 * 1024 * 1024},
        "restapi": {
            "listen": f"{bracketed(own.listen)}:{own.engine}",
            "connect_address": f"{bracketed(own.host)}:{own.engine}",
            "verify_client": "required",
            "cafile": trusted,
            **shown,
        },
        "ctl": {"cacert": trusted, **shown},
        "etcd3": {
            "hosts": [f"{bracketed(one.host)}:{one.port + 1}" for one in _nearest_first(council)],
            "protocol": "https",
            "cacert": trusted,
            "cert": certificate,
            "key": certificate,
        },
        "bootstrap": {"dcs": rules()},
        "postgresql": {
            "database": DATABASE,
            "data_dir": str(data / "postgres"),
            "bin_dir": str(binaries.folder),
            "listen": ":5432",
            "connect_address": f"127.0.0.1:{own.relay}",
            "use_unix_socket": True,
            "use_unix_socket_repl": True,
            "pgpass": str(folder / "pgpass"),
            # How a host is copied anew. Otherwise PostgreSQL takes most of the time between two checkpoints to begin.
            "basebackup": {"checkpoint": "fast"},
            "parameters": {"unix_socket_directories": str(socket)},
            "authentication": {
                "superuser": {"username": "postgres"},
                "replication": reading,
                "rewind": reading,
            },
        },
        "watchdog": {"mode": "off", "safety_margin": 0},
    }


def rules() -> dict[str, Any]:
    """What holds on all hosts. They stand in etcd from the first start on."""
    return {
        "ttl": LEASE,
        "loop_wait": LOOK,
        "retry_timeout": ANSWER,
        "maximum_lag_on_failover": 1024**3,
        "synchronous_mode": True,
        "primary_start_timeout": 0,
        "primary_stop_timeout": ANSWER,
        "ignore_slots": [{"name": ARCHIVE, "type": "physical"}],
        "postgresql": {
            "use_pg_rewind": True,
            "use_slots": True,
            "remove_data_directory_on_rewind_failure": True,
            "parameters": {**replication.COMMON, "wal_level": "replica"},
        },
    }


def environment() -> dict[str, str]:
    """What the engines get of ours: no settings of theirs that somebody has set for others, and no secrets."""
    return {key: os.environ[key] for key in owner.ENVIRONMENT if key in os.environ} | {"LC_ALL": "C.UTF-8"}


def _nearest_first(council: Council) -> list[Voter]:
    """The own one, the witness, and then the other host, which may be the one that is lost."""
    return sorted(council.voters, key=lambda one: (one.name != council.me, not one.witness))
