"""Pages, as browsers get them: how many a second, how long one takes, how large it is, and how soon it is seen."""

import asyncio
import gzip
import http.client
import io
import re
import resource
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
from PIL import Image

from benchmarks import processes, store
from benchmarks.commands import Trouble, run, tell
from benchmarks.driver import Pace, People
from benchmarks.shapes import Load, Pages, PageSize, Spent
from benchmarks.town import Town
from townsquare.auth.model import Visit
from townsquare.auth.sessions import begin_session
from townsquare.auth.store import by_id
from townsquare.cli.place import service_file
from townsquare.kernel.settings_sources import RUN, load_resolved
from townsquare.media.pillow import resized

SCRIPT = Path(__file__).with_suffix(".lua")
CONNECTIONS, THREADS = 32, 2
AGAIN = 60
"""How often each kind of page is asked for, one after another."""
BROWSER = {
    "Accept": "text/html",
    "Accept-Encoding": "gzip",
    "Accept-Language": "en-GB,en;q=0.9",
}
_FILE = re.compile(r"""["\s](/static/[^"\s]+\.(?:css|js)(?:\?[^"\s]*)?|/look\.css[^"]*)""")


class Counted(msgspec.Struct, frozen=True):
    """What pages.lua prints. Times in µs."""

    requests: int
    us: int
    bytes: int
    errors: int
    p50: int
    p99: int


async def _signed_in(town: Town, ids: Sequence[int]) -> list[str]:
    settings = load_resolved({RUN: str(service_file(town.data))}).settings
    cookies: list[str] = []
    async with store.connected(town.dsn, town.data / "keys.json") as db:
        for account_id in ids:
            user = await by_id(db, account_id)
            if user is None:
                raise Trouble(f"There is no account {account_id} in {town.folder}")
            begun = await begin_session(db, user, Visit("127.0.0.1", ""), settings=settings, now=datetime.now(UTC))
            cookies.append(begun.cookie)
    return cookies


def sign_in(town: Town, tokens: Path) -> list[str]:
    """A session for each account of the driver's file; what its browser sends as the cookie."""
    people = msgspec.json.decode(tokens.read_bytes(), type=People)
    return asyncio.run(_signed_in(town, [int(one.id) for one in people.users]))


def load(town: Town, cookies: Sequence[str], pace: Pace) -> tuple[Load, Spent]:
    """Home pages for all of them in turn, over and over, as the driver asks for timelines."""
    file = town.folder / "cookies"
    file.write_text("".join(f"{cookie}\n" for cookie in cookies), encoding="ascii")
    _wrk(town, file, pace.warmup)
    before, machine, own = town.cpu_seconds(), processes.machine_seconds(), _children()
    began = time.monotonic()
    runs = [_wrk(town, file, pace.duration) for _ in range(pace.repeat)]
    seconds = time.monotonic() - began
    after, machine_after, own_after = town.cpu_seconds(), processes.machine_seconds(), _children()
    requests = sum(one.requests for one in runs)
    rates = [one.requests / one.us * 1e6 for one in runs]
    measured = Load(
        what="home_pages",
        rps=statistics.median(rates),
        rps_min=min(rates),
        rps_max=max(rates),
        p50_ms=statistics.median(one.p50 for one in runs) / 1000,
        p99_ms=statistics.median(one.p99 for one in runs) / 1000,
        errors=sum(one.errors for one in runs),
        requests=requests,
        cpu_cores={
            "wrk": (own_after - own) / seconds,
            "all_busy": (machine_after.busy - machine.busy) / seconds,
            "steal": (machine_after.stolen - machine.stolen) / seconds,
        },
        body_bytes=sum(one.bytes for one in runs) // max(requests, 1),
    )
    tell(f"  home_pages: {measured.rps:,.0f} pages/s, p99 {measured.p99_ms:.1f} ms, errors {measured.errors}")
    return measured, Spent("home_pages", {part: (after[part] - before[part]) / requests * 1e6 for part in after})


def _children() -> float:
    """CPU seconds of the programs that this one ran."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wrk(town: Town, cookies: Path, seconds: int) -> Counted:
    command = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT)]
    printed = run([*command, town.url, "--", "/home", str(cookies)], seconds=seconds + 60, folder=town.folder)
    for line in printed:
        if line.startswith("@@"):
            return msgspec.json.decode(line[2:], type=Counted)
    raise Trouble("wrk said nothing of what it did: " + "\n".join(printed))


def paths(town: Town, cookie: str) -> dict[str, str]:
    """By their names, the pages that are looked at: those that people open most."""
    home = _asked(_connected(town), "/home", cookie)[1].decode()
    found = re.search(r'href="((/@[^/"]+)/[0-9]+)"', home)
    if found is None:
        raise Trouble("There is no post on the home page")
    return {"front page": "/", "home": "/home", "thread": found[1], "profile": found[2]}


def pictured(town: Town, tokens: Path) -> dict[str, str]:
    """The same of somebody with a picture above their profile, who has posted one: it is the largest that is seen."""
    somebody = msgspec.json.decode(tokens.read_bytes(), type=People).users[-1]
    photo = _photo()
    with httpx.Client(base_url=town.url, headers={"authorization": f"Bearer {somebody.token}"}, timeout=60) as api:
        files = {"header": ("strip.jpg", photo, "image/jpeg")}
        api.patch("/api/v1/accounts/update_credentials", files=files).raise_for_status()
        files = {"file": ("photo.jpg", photo, "image/jpeg")}
        sent = api.post("/api/v2/media", files=files, data={"description": "Hills"}).raise_for_status()
        said = {"status": "Seen today", "media_ids": [sent.json()["id"]]}
        post: dict[str, str] = api.post("/api/v1/statuses", json=said).raise_for_status().json()
    path = urlsplit(post["url"]).path
    return {"thread with a picture": path, "profile with one": path.rpartition("/")[0]}


def _photo() -> bytes:
    """As large as those of phones are when they are sent, and as hard to pack."""
    grain = [Image.effect_noise((96, 72), 90) for _ in range(3)]
    whole = resized(Image.merge("RGB", grain), (2048, 1536))
    out = io.BytesIO()
    whole.save(out, "JPEG", quality=90)
    return out.getvalue()


def measure(town: Town, cookies: Sequence[str]) -> Pages:
    """Times of the first look of each reader and of further ones; sizes."""
    line = _connected(town)
    first = [_asked(line, "/home", cookie)[0] for cookie in cookies]
    pages = paths(town, cookies[0])
    return Pages(
        first_ms=statistics.median(first),
        first_p95_ms=statistics.quantiles(first, n=20)[-1],
        sizes=[_page(line, name, path, "" if path == "/" else cookies[0]) for name, path in pages.items()],
        files=_files(line, cookies[0]),
    )


def _page(line: http.client.HTTPConnection, name: str, path: str, cookie: str) -> PageSize:
    asked = [_asked(line, path, cookie) for _ in range(AGAIN)]
    body = asked[-1][1]
    took = statistics.median(ms for ms, _, _ in asked)
    return PageSize(name, took, len(body), asked[-1][2], body.count(b"<article "))


def _files(line: http.client.HTTPConnection, cookie: str) -> dict[str, int]:
    """Bytes of the style sheets and scripts of a home page, as they are sent, by kind."""
    home = _asked(line, "/home", cookie)[1].decode()
    kinds: dict[str, int] = {}
    for path in dict.fromkeys(_FILE.findall(home)):
        kind = "scripts" if ".js" in path else "style"
        kinds[kind] = kinds.get(kind, 0) + _asked(line, path, "")[2]
    return kinds


def _connected(town: Town) -> http.client.HTTPConnection:
    parts = urlsplit(town.url)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)


def _asked(line: http.client.HTTPConnection, path: str, cookie: str) -> tuple[float, bytes, int]:
    """Milliseconds until all of it is there, what it is, and how many bytes were sent."""
    headers = {**BROWSER, "Cookie": f"session={cookie}"} if cookie else BROWSER
    began = time.perf_counter()
    line.request("GET", path, headers=headers)
    answer = line.getresponse()
    body = answer.read()
    took = (time.perf_counter() - began) * 1000
    if answer.status != 200:
        raise Trouble(f"{path} was answered with {answer.status}")
    return took, gzip.decompress(body) if answer.headers["content-encoding"] == "gzip" else body, len(body)
