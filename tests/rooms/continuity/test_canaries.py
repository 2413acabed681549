"""A disk that is seized tells no message, address, token or key: canaries are planted, and looked for in every copy."""

import asyncio
import base64
import io
import os
import re
import secrets
import signal
import socket
import subprocess
import threading
import time
import zipfile
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from html import unescape
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.live import PATIENCE, Live, free_port, live, run
from tests.support.canaries import found, found_in, packed
from tests.support.smtp import mail_server
from townsquare.auth.totp import begin_totp
from townsquare.auth.users import find_user
from townsquare.continuity.archive.status import Status
from townsquare.db.launcher import Binaries, running
from townsquare.db.pool import Database
from townsquare.kernel import keyring
from townsquare.kernel.settings import Settings

SECRET_KEYS = ("keys.json", "keys.json.before")
"""What opens everything stands in a file of its own, which no copy has but sealed or within TLS."""


def canary(what: str) -> str:
    return f"{what}{secrets.token_hex(8)}"


class Planted(msgspec.Struct, frozen=True):
    """What was planted, by what it is; what is public; and the copies of what there was."""

    canaries: dict[str, str | bytes]
    public: str
    data: Path
    archive: Path
    mirror: Path
    dump: bytes
    wire: bytes
    log: bytes
    mails: int
    waiting: int
    """Archives of people's own that lay in the store: one to be fetched, one to be taken in."""


class Tap:
    """Passes on to a port what comes, and keeps it: whoever listens on the way between two hosts."""

    def __init__(self, port: int) -> None:
        self.heard = bytearray()
        self.to = port
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.socket.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pour, args=(one, other), daemon=True).start()

    def _pour(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                self.heard += data
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


@contextmanager
def posting() -> Generator[tuple[int, Callable[[], int]]]:
    """A mail server beside the test: its port, and how many messages have come."""
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()
    known: list[tuple[int, Callable[[], int]]] = []

    async def serve() -> None:
        async with mail_server() as server:
            known.append((server.port, lambda: len(server.messages)))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait()
    try:
        yield known[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def eventually(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.2)


class Browser:
    """Somebody at the pages."""

    def __init__(self, service: Live) -> None:
        headers = {"origin": service.url, "sec-fetch-site": "same-origin"}
        self.http = httpx.Client(base_url=service.url, headers=headers, follow_redirects=False)

    def send(self, path: str, page: str = "", files: Mapping[str, bytes] | None = None, **fields: str) -> int:
        token = re.search(r'name="csrf" value="([^"]+)"', self.http.get(page or path).text)
        assert token, path
        given = {name: (f"{name}.zip", data, "application/zip") for name, data in (files or {}).items()}
        return self.http.post(path, data={"csrf": unescape(token[1]), **fields}, files=given or None).status_code


def brought(said: dict[str, str | bytes]) -> bytes:
    """A person's archive from elsewhere, as it is uploaded: with messages, addresses and a key."""
    for name in ("message brought", "answer brought", "address brought", "key brought"):
        said[name] = canary(name.split()[0])
    actor = "https://old.example/users/ann"
    post = {"id": f"{actor}/1", "attributedTo": actor, "published": "2020-01-01T00:00:00Z", "to": f"{actor}/friend"}
    post["content"] = f"<p>{said['message brought']} {said['address brought']}@mail.example</p>"
    files = {
        "actor.json": {"id": actor, "preferredUsername": "ann"},
        "outbox.json": {"orderedItems": [{"type": "Create", "actor": actor, "object": post}]},
        "townsquare/messages.jsonl": {"content": said["answer brought"]},
        "townsquare/key.pem": said["key brought"],
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, msgspec.json.encode(content))
    return made.getvalue()


def bring(service: Live, browser: Browser, said: dict[str, str | bytes]) -> None:
    """An archive that is taken in, and one that waits for that when the copies are made."""
    page = "/settings/import"
    assert browser.send(f"{page}/archives", page, files={"archive": brought(said)}) == 303
    eventually(lambda: re.search('<p class="quiet">(Refused|0 posts taken in)', browser.http.get(page).text))
    assert "Refused" not in browser.http.get(page).text
    for pid in service.processes("townsquare-work"):
        os.kill(pid, signal.SIGSTOP)
    again = dict[str, str | bytes]()
    assert browser.send(f"{page}/archives", page, files={"archive": brought(again)}) == 303
    said |= {f"{name} and waiting": one for name, one in again.items()}


def plant(service: Live, public: str, browser: Browser) -> dict[str, str | bytes]:
    """By the ways that people take, with all that follows."""
    ann, ben = (service.person(name, scopes="read write follow push") for name in ("ann", "ben"))
    said = {name: canary(name) for name in ("message", "warning", "edited", "option", "later", "tag", "host")}
    text = f"@ben {said['message']} #{said['tag']} https://{said['host']}.example/"
    post = partial(service.post, "/api/v1/statuses", ann.token)
    first = post(status=text, spoiler_text=said["warning"], visibility="direct").json()
    asked = {"options": [said["option"], "no"], "expires_in": 3600}
    assert post(status="@ben which?", visibility="direct", poll=asked).status_code == 200
    later = {"scheduled_at": "2090-01-01T00:00:00Z", "visibility": "direct"}
    assert post(status=f"@ben {said['later']}", **later).status_code == 200
    mine = {"Authorization": f"Bearer {ann.token}"}
    edit = {"status": f"@ben {said['edited']}"}
    assert httpx.put(f"{service.url}/api/v1/statuses/{first['id']}", json=edit, headers=mine).status_code == 200
    report = {"account_id": ann.id, "status_ids": [first["id"]], "comment": "look at this"}
    assert service.post("/api/v1/reports", ben.token, **report).status_code == 200
    assert post(status=public).status_code == 200
    forms = {"client_name": "Tusk", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write"}
    app = service.post("/api/v1/apps", "", **forms).json()
    grant = {name: app[name] for name in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
    token = service.post("/oauth/token", "", **grant, scope="read write").json()["access_token"]
    newcomer = {"username": "cat", "email": f"{canary('box')}@{canary('mail')}.example", "password": canary("password")}
    form = newcomer | {"agreement": True, "locale": "en", "date_of_birth": "1985-12-10"}
    joined = service.post("/api/v1/accounts", token, **form)
    assert joined.status_code == 200, joined.text
    said |= {"address": newcomer["email"], "password": newcomer["password"], "client secret": app["client_secret"]}
    said |= {"token": ann.token, "token of an app": token, "token of who joins": joined.json()["access_token"]}
    send = browser.send
    assert send("/forgotten", email=newcomer["email"]) == 303
    assert (
        browser.send("/sign-in", login=newcomer["email"], password=newcomer["password"]) == 403
    )  # it is not confirmed
    assert send("/sign-in", login="ann@example.org", password="password of ann") == 303
    said |= {f"cookie {one.name}": one.value for one in browser.http.cookies.jar if one.value and "session" in one.name}
    assert any(name.startswith("cookie") for name in said)
    assert send("/settings/data/copy", page="/settings/data") == 303
    eventually(lambda: "/settings/data/copies/" in browser.http.get("/settings/data").text)
    return dict(said)


async def begin_two_factor(dsn: str, keys: Path) -> str:
    ring = keyring.read(keys)
    async with Database.connect(dsn, lambda: ring, connections=1) as db, db.transaction() as tx:
        user = await find_user(tx, "ann@example.org")
        assert user is not None
        return (await begin_totp(tx, user, settings=Settings(public_url="https://town.example"))).secret


def keys_of(file: Path) -> dict[str, bytes]:
    ring = keyring.read(file)
    return {f"key for {purpose}": ring.newest(purpose) for purpose in keyring.PURPOSES}


def dump(binaries: Binaries, dsn: str) -> bytes:
    return subprocess.run([binaries.program("pg_dump"), dsn], capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, binaries: Binaries) -> Generator[Planted]:
    folder, public = tmp_path_factory.mktemp("seized"), canary("public")
    data, archive, mirror, port, link = folder / "data", folder / "archive", folder / "mirror", free_port(), free_port()
    with posting() as (mail, came), ExitStack() as held:
        settings = ("mail.host=127.0.0.1", f"mail.port={mail}", "mail.tls=none", "sign_up.mode=open")
        options = [part for one in settings for part in ("--set", one)]
        service = held.enter_context(live(data, "--workers", "1", *options, port=port))
        assert service.run("archive", "init", str(archive), "--write-keys", str(folder / "recovery")).returncode == 0
        assert service.run("mirror", "publish", str(mirror)).returncode == 0
        browser = Browser(service)
        canaries = plant(service, public, browser)
        cluster = running(data)
        assert cluster is not None
        dsn = cluster.dsn
        canaries["secret of codes"] = asyncio.run(begin_two_factor(dsn, data / "keys.json"))
        canaries |= keys_of(data / "keys.json")
        tap = Tap(link)
        invited = service.run(
            "standby",
            "invite",
            "--name",
            "alpha",
            "--address",
            f"127.0.0.1:{tap.port}",
            "--listen",
            f"127.0.0.1:{link}",
        )
        url = next(word.strip("'") for word in invited.stdout.split() if "townsquare-standby://" in word)
        joined = run(
            "standby", "join", url, "--data", str(folder / "beta"), "--name", "beta", "--address", "127.0.0.1:1"
        )
        assert joined.returncode == 0, joined.stderr + joined.stdout
        eventually(lambda: came() >= 2)  # to confirm the address, and to confirm it again
        eventually(lambda: found_in(mirror, {"public": public}))
        bring(service, browser, canaries)
        eventually(lambda: shipped(service))
        dumped = dump(binaries, dsn)
        waiting = len(list((data / "media" / "copies").rglob("sent")))
        for pid in service.processes("townsquare-work"):
            os.kill(pid, signal.SIGKILL)  # or it would take in what waits
        service.stop()  # with a checkpoint: what was in memory is on the disk
        yield Planted(
            canaries, public, data, archive, mirror, dumped, bytes(tap.heard), service.log.read_bytes(), came(), waiting
        )


def shipped(service: Live) -> bool:
    told = service.run("archive", "status", "--json").stdout
    target = msgspec.json.decode(told, type=Status).targets[0]
    return bool(target.bases) and not target.uploads_waiting


@pytest.mark.parametrize("way", range(4))
def test_what_is_packed_is_found(way: int) -> None:
    """The search finds what there is: else it would find nothing anywhere."""
    secret = canary("here")
    for written in (secret.encode(), f"..{secret}..".encode("utf-16-le"), base64.b64encode(f"12{secret}".encode())):
        assert found(b"before" + packed(written)[way], {"it": secret}) == {"it"}
        assert found(written, {"it": secret, "other": canary("there")}) == {"it"}


def test_what_is_public_is_in_every_copy_that_can_be_read(planted: Planted) -> None:
    known = {"public": planted.public}
    assert found(planted.dump, known)
    assert found_in(planted.mirror, known)
    places = {name.split("/")[0] for name in found_in(planted.data / "postgres", known)}
    assert places >= {"base", "pg_wal"}


def test_what_is_seized_has_no_archive_of_a_person_but_sealed(planted: Planted) -> None:
    """One that was brought, and one that was asked for: both lie in the store, of which everything is copied."""
    assert planted.waiting == 2
    assert not any(b"PK\x03\x04" in file.read_bytes() for file in (planted.data / "media" / "copies").rglob("sent"))


def test_no_copy_of_the_database_tells_anything(planted: Planted) -> None:
    assert found(planted.dump, planted.canaries) == set()
    assert found_in(planted.data, planted.canaries, but=SECRET_KEYS) == {}


def test_nothing_that_leaves_the_host_tells_anything(planted: Planted) -> None:
    assert len(planted.wire) > 1_000_000  # the whole database went this way
    assert found(planted.wire, planted.canaries | {"public": planted.public}) == set()
    assert found_in(planted.archive, planted.canaries | {"public": planted.public}) == {}
    assert found_in(planted.mirror, planted.canaries) == {}


def test_no_log_tells_anything(planted: Planted) -> None:
    assert planted.mails >= 2  # and the messages were sent
    assert found(planted.log, planted.canaries) == set()
