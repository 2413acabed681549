"""`townsquare standby automatic` and `townsquare standby witness`: three voters decide which host leads."""

from datetime import timedelta
from pathlib import Path

from townsquare.cli.engines import part
from townsquare.cli.errors import CommandError
from townsquare.cli.place import Place, holder
from townsquare.cli.progress import DONE, NOTE, tell
from townsquare.cli.reaching import done
from townsquare.cli.supervisor import Around, Part, supervise
from townsquare.continuity.standby import council as councils
from townsquare.continuity.standby import engines, join, moderating, unfinished
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby.council import Council
from townsquare.continuity.standby.model import State
from townsquare.db import launcher
from townsquare.db.cluster import owner

HOURS = 24


def automatic(place: Place, folder: Path, *, off: bool) -> int:
    """On the primary first, then on the witness, then on the other host."""
    state = files.read(folder)
    if state is None:
        raise CommandError("This host stands alone. Have a second one follow it first: townsquare standby invite")
    if off:
        return _end(place)
    engines.find_etcd()
    engines.check_patroni()
    if place.settings.durability != "remote":
        raise CommandError(
            'Set durability = "remote" on both hosts: who takes over by itself must have all that was acknowledged'
        )
    known = councils.read(place.data)
    if known is not None and known.complete:
        return _sits(place, known)
    return _begin(place, folder, state) if state.role == "primary" else _take_part(place, folder, state)


def _begin(place: Place, folder: Path, state: State) -> int:
    council = councils.summon(place.data, state)
    url = join.invite(folder, timedelta(hours=HOURS))
    others = " and ".join(one.name for one in council.voters)
    tell(DONE, "Voters", f"{others}; a third one is needed, on a small machine elsewhere")
    print(f"\nThere, within {HOURS} hours, and once:\n\n  townsquare standby witness '{url}' --data DIR\n")
    print("Then start `townsquare up` anew on this host, and go on with `townsquare standby automatic` on the other.")
    return 0


def _take_part(place: Place, folder: Path, state: State) -> int:
    """On the standby, once the primary is led by the voters."""
    kit = done(join.fetch_kit(folder, state))
    councils.lay_down(place.data, kit)
    tell(DONE, "Voters", ", ".join(one.name for one in kit.council.voters))
    print(f"Start `townsquare up --data {place.data}` anew: from then on this host takes over by itself.")
    return 0


def _sits(place: Place, council: Council) -> int:
    for one in council.voters:
        kind = "witness" if one.witness else "host"
        tell(DONE, kind.capitalize(), f"{one.name} at {one.host}, ports {one.port} to {one.engine}")
    if not holder(place.data / "up.lock"):
        tell(NOTE, "Service", f"does not run here. Start it: townsquare up --data {place.data}")
    return 0


def _end(place: Place) -> int:
    if holder(place.data / "up.lock") or launcher.running(place.data) is not None:
        raise CommandError("Stop Townsquare on this host first, and on the other one before it: this one leads then")
    if unfinished.is_left(councils.folder_of(place.data)):
        raise CommandError(
            "What PostgreSQL has here was not rewound or copied to the end, and cannot be used. Start Townsquare, "
            "and it is copied anew from the host that leads; where that one is lost: townsquare restore"
        )
    councils.dissolve(place.data)
    tell(DONE, "Voters", "are not asked any more: `townsquare promote` and `townsquare move` decide from now on")
    return 0


def witness(url: str, data: Path, addresses: tuple[str, str, str]) -> int:
    """The third voter: etcd alone, until SIGTERM. Joins first, where it was not one yet."""
    program = engines.find_etcd()
    launcher.make_data(data)
    council = councils.read(data)
    if url:
        if council is not None:
            raise CommandError(f"{data} is a witness already. Start it without the address")
        kit = done(join.ask_to_witness(url, *addresses))
        councils.lay_down(data, kit)
        council = kit.council
        tell(DONE, "Witness", f"of {', '.join(one.name for one in council.voters if not one.witness)}")
    if council is None:
        raise CommandError("This is no witness yet. Give the address that `townsquare standby automatic` has printed")
    if not council.own.witness:
        raise CommandError("This is one of the hosts, and no witness: townsquare up")
    with launcher.lock_data(data):
        who = owner.owner_of(councils.folder_of(data) / "etcd")
        councils.give_to(data, who)
        who = owner.able(who, councils.folder_of(data), program)
        etcd = part("etcd", who, data, engines.etcd_command(program, data, council), turn=1)
        leading = Part("leading", lambda: moderating.run(data, council))
        print("\n  This is a witness: it has a vote, and none of the data. Ctrl-C stops it.\n", flush=True)
        supervise([etcd, leading], Around(lambda: True, _nothing, _nothing, _nothing))
    return 0


def _nothing() -> None:
    """A witness has nothing beside its parts."""
