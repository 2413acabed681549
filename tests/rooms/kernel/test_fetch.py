"""Strangers' addresses are fetched from the open Internet and from nowhere else."""

import asyncio
import gzip
import ipaddress
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from townsquare.kernel import fetch as module
from townsquare.kernel.fetch import Bounds, Fetched, FetchFailed, Network, fetch, is_public, network_with

Answer = Callable[[str], bytes]


def page(body: str, status: str = "200 OK", **headers: str) -> bytes:
    given = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))} | headers
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n{body}".encode()


@asynccontextmanager
async def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncGenerator[tuple[int, list[str]]]:
    """A server on this machine; gives its port and the requests that it got."""
    requests: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        requests.append(request)
        writer.write(answer(request))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], requests


def serving_bytes(answer: bytes) -> AbstractAsyncContextManager[tuple[int, list[str]]]:
    return serving(lambda _: answer)


def names(**known: str) -> Callable[[str, int], Awaitable[list[str]]]:
    async def resolve(host: str, port: int) -> list[str]:
        return [known[host.partition(".")[0]]]

    return resolve


def here(**known: str) -> Network:
    """A network in which this machine counts as the open Internet, and 10.0.0.0/8 does not."""
    inner = ipaddress.ip_network("10.0.0.0/8")
    return Network(resolve=names(**({"far": "127.0.0.1"} | known)), allows=lambda address: address not in inner)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "0.1.2.3", "255.255.255.255", "198.18.0.1", "240.0.0.1", "::", "::1", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::",
        "2002:a9fe:a9fe::1", "2001:0:7f00:1::", "2001:db8::1", "192.0.0.8", "192.88.99.1", "::7f00:1", "fec0::1",
        "3fff::1", "5f00::1", "100::1", "::ffff:0:7f00:1",
    ],
)  # fmt: skip
def test_what_is_not_the_open_internet(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_what_is_the_open_internet(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0x7f.1/", "http://2130706433/",
        "http://169.254.169.254/latest/meta-data", "http://[::ffff:127.0.0.1]/", "ftp://example.org/", "file:///etc/passwd",
        "http://user:password@example.org/", "http://example.org:22/", "gopher://example.org/", "nonsense", "http://",
        "http://[::1", "http://exa mple.org/", "http://" + "a" * 300 + ".example/",
    ],
)  # fmt: skip
async def test_what_is_never_fetched(url: str) -> None:
    with pytest.raises(FetchFailed):
        await fetch(url)


async def test_a_page_is_fetched_by_its_name_from_the_address_that_was_checked() -> None:
    async with serving(lambda _: page("hello")) as (port, requests):
        got = await fetch(f"http://far.example:{port}/a?b=1#c", network=here())
    assert got == Fetched(f"http://far.example:{port}/a?b=1#c", 200, "text/html", b"hello", "utf-8")
    assert requests[0].startswith("GET /a?b=1 HTTP/1.1\r\n")
    assert f"host: far.example:{port}\r\n" in requests[0].lower()


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would make the connection for us, to wherever it likes."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serving(lambda _: page("hello")) as (port, _):
        found = await fetch(f"http://far.example:{port}/", network=here())
    assert found.body == b"hello"


async def test_a_name_that_changes_its_address_is_asked_once() -> None:
    answers = iter(["127.0.0.1", "10.0.0.1"])

    async def resolve(host: str, port: int) -> list[str]:
        return [next(answers)]

    async with serving(lambda _: page("hello")) as (port, _requests):
        network = Network(resolve=resolve, allows=lambda address: str(address) == "127.0.0.1")
        assert (await fetch(f"http://far.example:{port}/", network=network)).body == b"hello"


async def test_one_inner_address_among_others_is_enough_to_refuse() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.1"]

    with pytest.raises(FetchFailed, match="open Internet"):
        await fetch("http://far.example/", network=Network(resolve=resolve))


async def test_a_redirect_is_followed_and_checked_like_the_first_address() -> None:
    def answer(request: str) -> bytes:
        where = "/end" if request.startswith("GET /start") else "http://inner.example:8080/"
        return page("end") if "GET /end" in request else page("", "302 Found", Location=where)

    async with serving(answer) as (port, requests):
        network = here(inner="10.0.0.1")
        got = await fetch(f"http://far.example:{port}/start", network=network)
        assert (got.url, got.body) == (f"http://far.example:{port}/end", b"end")
        with pytest.raises(FetchFailed, match="open Internet"):
            await fetch(f"http://far.example:{port}/inward", network=network)
    assert len(requests) == 3


@pytest.mark.parametrize("where", ["file:///etc/passwd", "http://far.example:25/", "http://far.example:99999/"])
async def test_a_redirect_to_elsewhere_is_refused(where: str) -> None:
    async with serving(lambda _: page("", "301 Moved", Location=where)) as (port, _requests):
        with pytest.raises(FetchFailed):
            await fetch(f"http://far.example:{port}/", network=here())


async def test_redirects_end() -> None:
    async with serving(lambda _: page("", "302 Found", Location="/again")) as (port, requests):
        with pytest.raises(FetchFailed, match="redirected"):
            await fetch(f"http://far.example:{port}/", network=here())
    assert len(requests) == 4


async def test_what_is_too_large_is_not_read_to_its_end() -> None:
    async with serving(lambda _: page("x" * (module.MOST_BYTES + 1))) as (port, _requests):
        with pytest.raises(FetchFailed, match="larger"):
            await fetch(f"http://far.example:{port}/", network=here())


async def test_what_is_compressed_unasked_is_not_unpacked() -> None:
    async with serving(lambda _: page("x", Content_Encoding="gzip")) as (port, _requests):
        with pytest.raises(FetchFailed, match="compressed"):
            await fetch(f"http://far.example:{port}/", network=here())


async def test_of_what_is_too_large_a_part_may_be_enough() -> None:
    async with serving(lambda _: page("x" * 5000)) as (port, _requests):
        got = await fetch(f"http://far.example:{port}/", network=here(), bounds=Bounds(1000, cut=True))
    assert got.body == b"x" * 1000


def packed(body: bytes) -> bytes:
    sent = gzip.compress(body)
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: {len(sent)}\r\n\r\n"
    )
    return head.encode() + sent


async def test_what_may_be_compressed_is_unpacked_no_further_than_it_is_wanted() -> None:
    async with serving_bytes(packed(b"hello")) as (port, requests):
        got = await fetch(f"http://far.example:{port}/", network=here(), bounds=Bounds(packed=True))
    assert got.body == b"hello"
    assert "accept-encoding: gzip\r\n" in requests[0].lower()
    async with serving_bytes(packed(b"\0" * 50_000_000)) as (port, _requests):
        with pytest.raises(FetchFailed, match="larger"):
            await fetch(f"http://far.example:{port}/", network=here(), bounds=Bounds(packed=True))
        got = await fetch(f"http://far.example:{port}/", network=here(), bounds=Bounds(1000, cut=True, packed=True))
    assert got.body == b"\0" * 1000


async def test_what_is_damaged_is_refused() -> None:
    async with serving(lambda _: page("not in gzip", Content_Encoding="gzip")) as (port, _requests):
        with pytest.raises(FetchFailed, match="damaged"):
            await fetch(f"http://far.example:{port}/", network=here(), bounds=Bounds(packed=True))


def test_networks_of_one_s_own_may_be_allowed_and_nothing_else() -> None:
    allows = network_with(["10.1.0.0/16", "::1"]).allows
    assert allows(ipaddress.ip_address("10.1.2.3"))
    assert allows(ipaddress.ip_address("::1"))
    assert allows(ipaddress.ip_address("93.184.216.34"))
    assert not allows(ipaddress.ip_address("10.2.0.1"))
    with pytest.raises(ValueError, match="nonsense"):
        network_with(["nonsense"])


async def test_a_slow_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.2)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        await reader.read()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        with pytest.raises(FetchFailed, match="seconds"):
            await fetch(f"http://far.example:{server.sockets[0].getsockname()[1]}/", network=here())


async def test_nobody_there_is_an_error_with_words() -> None:
    with pytest.raises(FetchFailed, match="could not be reached"):
        await fetch("http://far.example:65535/", network=here())


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for far.example, with its key, that nobody but the test believes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "far.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("far.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


def secure(certificate: Path) -> AbstractAsyncContextManager[tuple[int, list[str]]]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return serving(lambda _: page("safe"), context)


async def test_tls_is_checked_against_the_name_and_not_the_address(certificate: Path) -> None:
    believed = ssl.create_default_context(cafile=str(certificate))
    network = Network(resolve=names(far="127.0.0.1", other="127.0.0.1"), allows=lambda _: True, tls=believed)
    async with secure(certificate) as (port, _requests):
        assert (await fetch(f"https://far.example:{port}/", network=network)).body == b"safe"
        with pytest.raises(FetchFailed):
            await fetch(f"https://other.example:{port}/", network=network)


async def test_tls_that_nobody_vouches_for_is_refused(certificate: Path) -> None:
    async with secure(certificate) as (port, _requests):
        with pytest.raises(FetchFailed):
            await fetch(f"https://far.example:{port}/", network=here())
