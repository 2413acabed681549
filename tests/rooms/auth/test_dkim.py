"""Messages are signed by their domain: what arrives is checked as the servers of others do, by a program of theirs."""

from pathlib import Path

import dkim as others
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.rooms.auth.place import NOW, SETTINGS
from tests.support.names import name_server
from tests.support.smtp import mail_server
from townsquare.auth import dkim
from townsquare.auth.letters import ends_by, message_of
from townsquare.auth.mail import deliver
from townsquare.cli.checks_mail import signature
from townsquare.cli.progress import DONE, FAILED, NOTE
from townsquare.kernel.settings import Dkim, Mail
from townsquare.kernel.settings_sources import SettingsError

KEY, OTHER, WEAK = (rsa.generate_private_key(65537, bits) for bits in (2048, 2048, 1024))
WHERE = "square._domainkey.square.example."
LINK = f"https://square.example/unsubscribe/{'t' * 120}"


@pytest.fixture
def chosen(tmp_path: Path) -> Dkim:
    (tmp_path / "key.pem").write_bytes(pem(KEY))
    return Dkim("square", str(tmp_path / "key.pem"))


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def proved(data: bytes, record: str) -> bool:
    """Whether a server of others would say that the message is signed by the key in the DNS, and as it was sent."""

    def asked(name: bytes, timeout: int = 5) -> bytes | None:
        return record.encode() if name == WHERE.encode() else None

    return others.verify(data, dnsfunc=asked)


def written(record: str) -> str:
    """As a zone file has it: in pieces, of which none has more than 255 letters."""
    return " ".join(f'"{record[at : at + 200]}"' for at in range(0, len(record), 200))


async def arrived(chosen: Dkim) -> bytes:
    plain, html = "Größe ändern  \n\n\n.one dot\n" + "long " * 300 + "\n\n", "<p>Zoë</p>\n"
    message = message_of("Zoë says: " + "words " * 30, "ada@example.org", plain, html, SETTINGS, NOW)
    ends_by(message, LINK)
    async with mail_server() as server:
        await deliver(Mail("127.0.0.1", server.port, tls="none", dkim=chosen), message)
        (data,) = server.sent
        assert server.messages[0]["List-Unsubscribe"] == f"<{LINK}>"
    return data


async def test_what_arrives_is_signed_by_the_domain(chosen: Dkim) -> None:
    data = await arrived(chosen)
    record = dkim.record(KEY)
    assert proved(data, record)
    assert not proved(data, dkim.record(OTHER))
    for before, after in (
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Click"),
        (b"square.example/unsubscribe/", b"square.example/unsubscribed/"),
        (b"\r\nTo: ", b"\r\nFrom: somebody@else.example\r\nTo: "),
        (b"\r\nTo: ", b"\r\nReply-To: somebody@else.example\r\nTo: "),
    ):
        assert before in data
        assert not proved(data.replace(before, after), record), after


async def test_spaces_that_servers_on_the_way_change_break_nothing(chosen: Dkim) -> None:
    data = await arrived(chosen)
    folded = data.replace(b"\r\nSubject: ", b"\r\nSUBJECT:\r\n\t ") + b"\r\n\r\n"
    assert proved(folded, dkim.record(KEY))


async def test_who_looks_after_the_place_is_told_what_the_dns_must_say(chosen: Dkim) -> None:
    settings = msgspec.structs.replace(SETTINGS, mail=Mail("mail.example", dkim=chosen))
    record = dkim.record(KEY)
    for there, mark, told in (
        (written(record), DONE, "are signed"),
        (written(dkim.record(OTHER)), FAILED, "another key"),
        ("", FAILED, "is not there"),
    ):
        async with name_server({(WHERE, "TXT"): [there]} if there else {}) as asked:
            found = await signature(settings, asked)
        assert (found.mark, told in found.text, record in found.text) == (mark, True, mark == FAILED)


async def test_where_the_mail_server_may_sign_that_is_said() -> None:
    found = await signature(SETTINGS)
    assert found.mark == NOTE
    assert "List-Unsubscribe-Post included" in found.text
    assert "square.example" in found.text


def test_what_is_no_key_is_said_at_the_start(tmp_path: Path) -> None:
    for name, content in (
        ("none", b"hello"),
        ("weak", pem(WEAK)),
        ("kind", pem(ec.generate_private_key(ec.SECP256R1()))),
    ):
        (tmp_path / name).write_bytes(content)
    for name in ("none", "weak", "kind", "missing"):
        with pytest.raises(SettingsError, match=r"mail\.dkim\.key_file"):
            dkim.load(str(tmp_path / name))
