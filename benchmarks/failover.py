"""A host is lost or cut off at random, under load, with delays between the hosts, again and again: what is lost?

    python -m benchmarks.failover --folder FOLDER --rounds N [--seed N]

Three hosts in network namespaces (apart.py): two of a place, and a witness. It takes root, etcd, and minutes; what each
round came to stands in FOLDER/rounds.jsonl, and a further run goes on with the numbers. `--table` prints them.
"""

import argparse
import asyncio
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Literal

import httpx
import msgspec

from benchmarks.apart import HERE, Network, network
from townsquare.cli.drill import load
from townsquare.cli.drill.hosts import PATIENCE, PROGRAM, command, wait
from townsquare.cli.drill.load import Ledger, Load, Person, Town
from townsquare.continuity.standby import folder as files

Blow = Literal["killed", "stopped", "cut off", "cut from the hosts", "mute", "deaf"]
BLOWS: Final[tuple[Blow, ...]] = ("killed", "killed", "stopped", "cut off", "cut from the hosts", "mute", "deaf")
DELAYS: Final = (0.005, 0.080)
"""Seconds that each way between two hosts takes at least and at most."""
PORT, LINK = 8000, 8700
GOES_ON: Final = 2.0
"""Seconds for which people work on on both hosts after the other one leads."""
LOOK: Final = 0.05
"""Seconds between two looks whether a host follows again."""
FRESH: Final = 3.0
"""Seconds for which what a host has noted of itself holds."""
AUTHORS: Final = 40
PASSWORD: Final = "a trial and nothing else"
SCOPES: Final = "read write follow admin:read"


class Round(msgspec.Struct, frozen=True):
    """What came of one. `both`: writes that the old host acknowledged after the new one had begun to.

    `at`: when the blow fell, in seconds of the epoch, as the logs of the hosts have it.
    """

    number: int
    blow: Blow
    delays: list[float]
    acknowledged: dict[str, int]
    lost: dict[str, int]
    doubled: int
    both: int
    first_write: float
    at: float = 0.0


class Book(Ledger):
    """A ledger that knows when each thing was acknowledged last."""

    last: float = 0.0
    after: int = 0
    closed_at: float = 0.0
    """From when on nobody may be told of a success here."""

    def enter(self, kind: load.Kind, *what: str) -> None:
        super().enter(kind, *what)
        if self.closed_at and time.monotonic() > self.closed_at:
            self.after += 1


class Host:
    """One of the three."""

    def __init__(self, folder: Path, name: str, net: Network, options: tuple[str, ...]) -> None:
        self.name, self.net = name, net
        self.data = folder / name
        self.address = f"{net.address(name)}:{LINK}"
        self.url = f"http://{net.address(name)}:{PORT}"
        self._log = folder / f"{name}.log"
        self._options = options

    def run(self, *words: str) -> str:
        """A command on it. Raises CalledProcessError."""
        done = subprocess.run(
            [*self.net.command(self.name), *PROGRAM, *words, "--data", str(self.data)],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(words[:2])}: {done.stderr or done.stdout}")
        return done.stdout

    def begin(self, *words: str) -> None:
        """Start it, and do not wait."""
        with self._log.open("ab") as out:
            # In a session of its own: who breaks this off by Ctrl-C does not tell the hosts to end.
            subprocess.Popen(
                [*self.net.command(self.name), *PROGRAM, *words, "--data", str(self.data)],
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def start(self) -> None:
        self.begin("up", "--host", "0.0.0.0", "--port", str(PORT), "--workers", "1", *self._options)  # noqa: S104 (its own network)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """In order, or at once."""
        if number == signal.SIGKILL:
            self.net.tell_all(self.name, number)
        else:
            for pid in self.net.pids(self.name):
                if b"townsquare.cli.main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    subprocess.run(["kill", str(pid)], check=False)
                    break
        wait(lambda: not self.net.pids(self.name), f"{self.name} does not end")

    def leads(self) -> bool:
        return self._status("/health/primary") == 200

    def answers(self) -> bool:
        return self._status("/health") == 200

    def is_safe(self) -> bool:
        """Whether it leads, and the other one has all. Asked often, so it is read, and no command is run."""
        seen = files.seen(self.data / "standby")
        if seen is None or files.age(seen) > FRESH or seen.role != "primary" or not seen.armed:
            return False
        return any(one.synchronous and not one.media_behind for one in seen.standbys)

    def _status(self, path: str) -> int:
        try:
            return httpx.get(self.url + path, timeout=3).status_code
        except httpx.HTTPError:
            return 0


@contextmanager
def place(folder: Path) -> Generator[tuple[dict[str, Host], Network, Town]]:
    """Two hosts and a witness, as they are set up by their operators; as they were left, where there are some."""
    with network("alpha", "beta", "gamma") as net:
        said = ("durability=remote", "limits.enabled=false", "auth.password_grant=true", "database.connections=36")
        options = tuple(
            word for one in (*said, f"public_url=http://{net.address('alpha')}:{PORT}") for word in ("--set", one)
        )
        hosts = {name: Host(folder, name, net, options) for name in net.places}
        with ExitStack() as held:
            for name in net.places:
                held.callback(net.tell_all, name, signal.SIGKILL)
            town = _again(folder, hosts) if (folder / "town.json").exists() else _anew(folder, hosts)
            yield {name: hosts[name] for name in ("alpha", "beta")}, net, town


def _anew(folder: Path, hosts: dict[str, Host]) -> Town:
    alpha, beta, gamma = hosts.values()
    alpha.start()
    wait(alpha.answers, "alpha does not start")
    town = _people(alpha)
    invited = alpha.run("standby", "invite", "--name", "alpha", "--address", alpha.address)
    time.sleep(3)
    beta.run("standby", "join", _url(invited), "--name", "beta", "--address", beta.address)
    beta.start()
    wait(alpha.is_safe, "beta does not follow")
    printed = alpha.run("standby", "automatic", "--set", "durability=remote")
    gamma.begin("standby", "witness", _url(printed), "--name", "gamma", "--address", gamma.address)
    wait((gamma.data / "automatic" / "etcd").exists, "the witness does not begin")
    alpha.end()
    alpha.start()
    wait(alpha.leads, "alpha does not lead by the voters")
    beta.run("standby", "automatic", "--set", "durability=remote")
    beta.end()
    beta.start()
    (folder / "town.json").write_bytes(msgspec.json.encode(town))
    return town


def _again(folder: Path, hosts: dict[str, Host]) -> Town:
    alpha, beta, gamma = hosts.values()
    gamma.begin("standby", "witness")
    alpha.start()
    beta.start()
    return msgspec.json.decode((folder / "town.json").read_bytes(), type=Town)


def _url(printed: str) -> str:
    found = re.search(r"townsquare-standby://[^']+", printed)
    if found is None:
        raise RuntimeError(printed)
    return found[0]


def _people(host: Host) -> Town:
    ann, bob, cid = (_person(host, *one) for one in (("ann", "owner"), ("bob", "user"), ("cid", "user")))
    named = {"client_name": "Trial", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read"}
    app = httpx.post(f"{host.url}/api/v1/apps", data=named, timeout=30).raise_for_status().json()
    return Town(ann, bob, cid, {key: app[key] for key in ("client_id", "client_secret")}, PASSWORD, _authors(host))


def _person(host: Host, name: str, role: str) -> Person:
    account = ("account", "create", name, "--email", f"{name}@example.org", "--password", PASSWORD, "--role", role)
    printed = command(*account, "--token", SCOPES, "--json", "--data", str(host.data))
    return msgspec.json.decode(printed, type=Person)


def _authors(host: Host) -> tuple[Person, ...]:
    rows = host.data.with_name("authors.csv")
    rows.write_text("".join(f"author{one},author{one}@example.org,{PASSWORD}\n" for one in range(AUTHORS)))
    account = ("account", "create", "--from", str(rows), "--token", SCOPES, "--json", "--data", str(host.data))
    return tuple(msgspec.json.decode(line, type=Person) for line in command(*account).splitlines())


def strike(net: Network, host: Host, other: Host, blow: Blow) -> None:
    """Let it happen."""
    everybody = [other.name, "gamma", HERE]
    match blow:
        case "killed":
            net.tell_all(host.name, signal.SIGKILL)
        case "stopped":
            net.tell_all(host.name, signal.SIGSTOP)
        case "cut off":
            _cut(net, [host.name], everybody)
            _cut(net, everybody, [host.name])
        case "cut from the hosts":
            _cut(net, [host.name], everybody[:2])
            _cut(net, everybody[:2], [host.name])
        case "mute":
            _cut(net, [host.name], everybody[:2])
        case "deaf":
            _cut(net, everybody[:2], [host.name])


def _cut(net: Network, starts: list[str], ends: list[str]) -> None:
    for start in starts:
        for end in ends:
            net.cut(start, end)


def mend(net: Network, host: Host, blow: Blow, delays: list[float]) -> None:
    """Everything as it was before."""
    match blow:
        case "killed":
            host.start()
        case "stopped":
            net.tell_all(host.name, signal.SIGCONT)
        case _:
            spread(net, delays)


def spread(net: Network, delays: list[float]) -> None:
    """The ways between the three, and to the people."""
    for (one, other), seconds in zip((("alpha", "beta"), ("alpha", "gamma"), ("beta", "gamma")), delays, strict=True):
        net.delay(one, other, seconds)
    for name in net.places:
        net.delay(name, HERE, DELAYS[0])


async def one_round(
    number: int, net: Network, leading: Host, following: Host, town: Town, chance: random.Random, writers: int
) -> Round:
    """People at work, a blow, the first write elsewhere, everything whole again meanwhile, everything counted."""
    delays = [round(chance.uniform(*DELAYS), 4) for _ in range(3)]
    blow = chance.choice(BLOWS)
    spread(net, delays)
    before, after = Book(), Book()
    known = await load.told_last(leading.url, town.bob)
    there = Load(town, before, leading.url, chance.getrandbits(32), writers=writers)
    working = [asyncio.create_task(there.run())]
    await asyncio.sleep(chance.uniform(2, 8))
    await asyncio.to_thread(strike, net, leading, following, blow)
    gone, at = time.monotonic(), time.time()
    if blow == "killed":
        there.stop.set()
    first = await asyncio.wait_for(load.first_write(following.url, town.ann), 120)
    before.closed_at = first
    elsewhere = Load(town, after, following.url, chance.getrandbits(32), writers=writers)
    working.append(asyncio.create_task(elsewhere.run()))
    await asyncio.sleep(GOES_ON)
    both = before.after
    there.stop.set()
    await asyncio.to_thread(mend, net, leading, blow, delays)
    async with asyncio.timeout(PATIENCE):
        await _until_safe(following)
    elsewhere.stop.set()
    await asyncio.gather(*working)
    whole = Ledger({kind: before.entries[kind] + after.entries[kind] for kind in load.KINDS})
    missing = await load.look(following.url, town, whole, after=known)
    return Round(number, blow, delays, whole.counts(), missing.lost, missing.doubled, both, first - gone, at)


async def _until_safe(host: Host) -> None:
    """By one look after the other: for a thread that waits, a program that is broken off would wait too."""
    while True:
        if await asyncio.to_thread(host.is_safe):
            return
        await asyncio.sleep(LOOK)


def _leading(hosts: Iterable[Host]) -> list[Host]:
    """The host that leads, once the other one has all. One that has just been started notes nothing yet."""
    return [one for one in hosts if one.is_safe() and one.leads()]


def rounds(folder: Path, wanted: int, writers: int, told: Callable[[str], None]) -> None:
    """So many more. Each is written down when it has ended."""
    file = folder / "rounds.jsonl"
    known = len(file.read_bytes().splitlines()) if file.exists() else 0
    with place(folder) as (hosts, net, town):
        for number in range(known + 1, known + wanted + 1):
            chance = random.Random(number)
            wait(lambda: _leading(hosts.values()), "nothing is safe on both hosts")
            leading = _leading(hosts.values())[0]
            following = next(one for one in hosts.values() if one is not leading)
            done = asyncio.run(one_round(number, net, leading, following, town, chance, writers))
            with file.open("ab") as out:
                out.write(msgspec.json.encode(done) + b"\n")
            acknowledged, lost = sum(done.acknowledged.values()), sum(done.lost.values())
            told(
                f"{number:4} {leading.name} {done.blow}: {acknowledged} acknowledged, {lost} lost, {done.both} by both"
                f", first write after {done.first_write:.2f} s"
            )


def table(folder: Path) -> str:
    """What all rounds came to, as Markdown."""
    lines = (folder / "rounds.jsonl").read_bytes().splitlines()
    all_of_them = [msgspec.json.decode(line, type=Round) for line in lines]
    rows = [_row(blow, [one for one in all_of_them if one.blow == blow]) for blow in dict.fromkeys(BLOWS)]
    head = "| | rounds | acknowledged | lost | by both | first write: median | worst |\n|---|---|---|---|---|---|---|\n"
    return head + "".join([*rows, _row("all", all_of_them)])


def _row(name: str, found: list[Round]) -> str:
    if not found:
        return f"| {name} | 0 | | | | | |\n"
    times = [one.first_write for one in found]
    acknowledged, lost = (sum(sum(getattr(one, key).values()) for one in found) for key in ("acknowledged", "lost"))
    return (
        f"| {name} | {len(found)} | {acknowledged:,} | {lost} | {sum(one.both for one in found)} "
        f"| {statistics.median(times):.1f} s | {max(times):.1f} s |\n"
    )


def main() -> None:
    """See the head of the module."""
    parser = argparse.ArgumentParser(prog="benchmarks.failover")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--writers", type=int, default=8, help="times five programs that write text, beside two others")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if not given.table:
        # However it is broken off, the hosts and their networks go.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        rounds(given.folder, given.rounds, given.writers, lambda text: print(text, flush=True))
    sys.stdout.write(table(given.folder))


if __name__ == "__main__":
    main()
