"""Who decides which host leads: three voters, of which two must agree (`data`/automatic).

Two of them are hosts of the place, the third is a small witness that has no data. On each runs etcd, a store that only
a majority can change; on the two hosts Patroni beside it, which looks after PostgreSQL. Both are programs of others,
and docs/decisions/028-automatic.md tells why these, and why never two hosts write.

council.json    the voters
own.pem         this voter's certificate and key; authority.pem, whose signature they carry
authority.key   on the two hosts: with it a lost voter can be replaced from the other one
etcd/           etcd's data
unfinished      PostgreSQL's files are being changed as a whole (see unfinished.py)
"""

import secrets
import shutil
from pathlib import Path
from typing import Final

import msgspec

from townsquare.continuity.standby import authority
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.model import SLOT, VOTERS, State, split_address
from townsquare.db.cluster import owner

COUNCIL: Final = "council.json"
OWN: Final = "own.pem"
AUTHORITY: Final = "authority.pem"
SECRET: Final = "authority.key"  # noqa: S105 (a file's name)
ENOUGH: Final = 3
"""Voters: one of them can be lost."""


class Voter(msgspec.Struct, frozen=True):
    """`host`: by which name or number the others reach it. `port`: of its link; the next ones are its engines'."""

    name: str
    host: str
    port: int
    listen: str = "0.0.0.0"  # noqa: S104 (the others are elsewhere; who has no certificate is sent away)
    witness: bool = False

    @property
    def client(self) -> str:
        """Where etcd answers."""
        return f"https://{bracketed(self.host)}:{self.port + 1}"

    @property
    def peer(self) -> str:
        """Where etcd hears the other voters."""
        return f"https://{bracketed(self.host)}:{self.port + 2}"

    @property
    def engine(self) -> int:
        """Patroni's port."""
        return self.port + 3

    @property
    def relay(self) -> int:
        """On the other hosts, on their own loopback alone: leads to the PostgreSQL of this one, through the link."""
        return self.port + 4

    @property
    def member(self) -> str:
        """Patroni's name for it, after which it names the slot."""
        return SLOT + self.name


class Council(msgspec.Struct, frozen=True):
    """`me`: which of the voters this host is. `token`: tells this council from all others."""

    me: str
    token: str
    voters: tuple[Voter, ...]
    late: str
    """The host that comes when the other two have begun: nobody but the one that led before may lead first."""

    @property
    def complete(self) -> bool:
        """Whether there are voters enough to begin."""
        return len(self.voters) >= ENOUGH and any(one.witness for one in self.voters)

    def voter(self, name: str) -> Voter:
        return next(one for one in self.voters if one.name == name)

    @property
    def own(self) -> Voter:
        return self.voter(self.me)

    @property
    def others(self) -> tuple[Voter, ...]:
        """The other hosts that may lead."""
        return tuple(one for one in self.voters if one.name != self.me and not one.witness)


class Kit(msgspec.Struct, frozen=True):
    """What a voter needs. `secret`: the key of the authority, for one that may lead."""

    council: Council
    own: str
    authority: str
    secret: str = ""


def folder_of(data: Path) -> Path:
    return data / VOTERS


def read(data: Path) -> Council | None:
    """The council that this host belongs to; None where people decide. Raises StandbyError."""
    file = folder_of(data) / COUNCIL
    try:
        return msgspec.json.decode(file.read_bytes(), type=Council)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise StandbyError(f"{file} cannot be read: {error}") from error


def sitting(data: Path) -> Council | None:
    """The council, once it can decide."""
    found = read(data)
    return found if found is not None and found.complete else None


def summon(data: Path, state: State) -> Council:
    """Begin a council on the primary, of the hosts that there are. Raises StandbyError."""
    known = read(data)
    if known is not None:
        return known
    if len(state.peers) != 1:
        raise StandbyError("It takes two hosts: have a second one follow first (townsquare standby invite)")
    voters = [_of(state.name, state.address, state.listen), _of(state.peers[0].name, state.peers[0].address, "")]
    council = Council(state.name, secrets.token_hex(8), tuple(voters), late=voters[1].name)
    folder = folder_of(data)
    folder.mkdir(mode=0o700, exist_ok=True)
    made = authority.make()
    lay_down(data, Kit(council, authority.issue(made, council.own.name, council.own.host), made.certificate, made.key))
    return council


def take_witness(data: Path, witness: Voter) -> Kit:
    """Believe a third voter from now on. What it is given. Raises StandbyError."""
    council = read(data)
    if council is None:
        raise StandbyError("Nobody is asked for here. Run `townsquare standby automatic` on the primary first")
    if council.complete and council.voters[-1] != witness:
        raise StandbyError("This place has its witness already")
    if any(one.name == witness.name for one in council.voters if not one.witness):
        raise StandbyError(f"A host is called {witness.name} already: choose another name with --name")
    whole = msgspec.structs.replace(council, voters=(*(one for one in council.voters if not one.witness), witness))
    _write(folder_of(data) / COUNCIL, msgspec.json.format(msgspec.json.encode(whole), indent=1).decode())
    return kit_for(data, witness.name)


def kit_for(data: Path, name: str) -> Kit:
    """What a voter needs, with a certificate made for it just now. Raises StandbyError."""
    council = sitting(data)
    if council is None or name not in [one.name for one in council.voters]:
        raise StandbyError("This host has no council, or not all voters yet. See `townsquare standby automatic` there")
    folder = folder_of(data)
    ours = authority.Authority(
        (folder / AUTHORITY).read_text(encoding="ascii"), (folder / SECRET).read_text(encoding="ascii")
    )
    voter = council.voter(name)
    own = authority.issue(ours, voter.name, voter.host)
    return Kit(msgspec.structs.replace(council, me=name), own, ours.certificate, "" if voter.witness else ours.key)


def lay_down(data: Path, kit: Kit) -> None:
    """Keep what this voter needs; the council last, for with it all is there."""
    folder = folder_of(data)
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, content in ((OWN, kit.own), (AUTHORITY, kit.authority), (SECRET, kit.secret)):
        if content:
            _write(folder / name, content)
    _write(folder / COUNCIL, msgspec.json.format(msgspec.json.encode(kit.council), indent=1).decode())


def dissolve(data: Path) -> None:
    """People decide again. What PostgreSQL has stays; Patroni's settings go."""
    shutil.rmtree(folder_of(data), ignore_errors=True)
    cluster = data / "postgres"
    base = cluster / "postgresql.base.conf"
    if base.exists():
        base.rename(cluster / "postgresql.conf")
    for name in ("patroni.dynamic.json", "postgresql.auto.conf.backup"):
        (cluster / name).unlink(missing_ok=True)


def give_to(data: Path, who: owner.Owner) -> None:
    """The engines do not run as root, and must read what is theirs; nobody else may."""
    owner.give(who, folder_of(data))


def bracketed(host: str) -> str:
    """As addresses have it."""
    return f"[{host}]" if ":" in host else host


def voter_of(name: str, address: str, listen: str) -> Voter:
    """The witness, from where it says that it is."""
    return msgspec.structs.replace(_of(name, address, listen), witness=True)


def _of(name: str, address: str, listen: str) -> Voter:
    host, port = split_address(address)
    return Voter(name, host, port, split_address(listen)[0]) if listen else Voter(name, host, port)


def _write(file: Path, content: str) -> None:
    draft = file.with_name(f".{file.name}.new")
    draft.touch(mode=0o600)
    draft.write_text(content, encoding="utf-8")
    draft.rename(file)
