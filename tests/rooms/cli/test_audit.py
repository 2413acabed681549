"""What is done at the terminal is done as the staff do it, and stands in the audit log."""

import asyncio
from pathlib import Path
from typing import Final

import asyncpg
import pytest

from tests.live import Live
from tests.rooms.media import pictures
from tests.rooms.moderation.notices.test_pack import verified
from tests.web.people import database, running_settings, settled


def test_what_is_done_at_the_terminal_stands_in_the_log(service: Live) -> None:
    eve = service.person("evelyn")
    done = service.run("account", "suspend", "evelyn", "--reason", "Spam")
    assert done.stdout == "@evelyn is suspended.\n", done.stderr
    assert service.get("/api/v1/timelines/home", eve.token).status_code == 401
    assert service.get(f"/api/v1/accounts/{eve.id}").json()["suspended"] is True
    assert service.run("account", "unsuspend", "evelyn").returncode == 0
    for action in ("limit", "unlimit", "disable", "enable"):
        assert service.run("account", action, "evelyn").returncode == 0
    assert service.run("account", "role", "evelyn", "moderator").returncode == 0
    shown = service.run("audit", "show").stdout
    assert '"actor":"operator at the terminal"' in shown
    assert '"action":"account.suspend"' in shown
    assert '"reason":"Spam"' in shown
    assert '"before":{"role":"user"},"after":{"role":"moderator"}' in shown
    verified = service.run("audit", "verify")
    assert verified.returncode == 0
    assert "all as they were written" in verified.stdout


def test_how_far_it_is_can_be_kept_elsewhere(service: Live, tmp_path: Path) -> None:
    service.person("gwendolyn")
    assert service.run("account", "limit", "gwendolyn").returncode == 0
    note, key = service.run("audit", "checkpoint").stdout, service.run("audit", "key").stdout
    assert service.get("/.well-known/audit-log").text == note
    assert service.get("/.well-known/audit-log/key").text == key
    kept = tmp_path / "checkpoint.txt"
    kept.write_text(note)
    assert service.run("audit", "verify", "--checkpoint", str(kept), "--key", key.strip()).returncode == 0
    kept.write_text(note.replace("\n", "\n1", 1))
    refused = service.run("audit", "verify", "--checkpoint", str(kept))
    assert refused.returncode == 2
    assert "not signed with a key of this place" in refused.stderr
    assert service.run("audit", "verify", "--checkpoint", str(tmp_path / "nothing")).returncode == 2


async def test_the_service_that_runs_cannot_change_it(service: Live) -> None:
    assert "can read it and add to it, and nothing else" in service.run("doctor").stdout
    async with database(service) as connection:
        for sql in ("UPDATE audit.log SET entry = '{}'", "DELETE FROM audit.log", "TRUNCATE audit.checkpoints"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
                await connection.execute(sql)


FORGED: Final = (
    ("UPDATE audit.log SET entry = replace(entry, 'hedda', 'henry') WHERE number = $1", "is not what was written"),
    ("DELETE FROM audit.log WHERE number >= $1", "is missing"),
)


async def test_what_was_forged_is_told(service: Live, tmp_path: Path) -> None:
    """As an administrator of the database, with what refuses it switched off. Afterwards all is as it was."""
    await asyncio.to_thread(service.person, "hedda")
    for action in ("limit", "unlimit"):
        assert service.run("account", action, "hedda").returncode == 0
    kept = tmp_path / "checkpoint.txt"
    kept.write_text(service.run("audit", "checkpoint").stdout)
    connection = await asyncpg.connect(
        running_settings(service)["database_url"].replace("//townsquare@", "//postgres@")
    )
    await connection.execute("SET session_replication_role = replica")
    number = await connection.fetchval("SELECT max(number) FROM audit.log WHERE entry LIKE '%hedda%'")
    for sql, words in FORGED:
        await connection.execute("CREATE TEMPORARY TABLE whole AS SELECT * FROM audit.log WHERE number >= $1", number)
        await connection.execute(sql, number)
        told = await asyncio.to_thread(service.run, "audit", "verify", "--checkpoint", str(kept))
        await connection.execute("DELETE FROM audit.log WHERE number >= $1", number)
        await connection.execute(
            "INSERT INTO audit.log (number, entry, previous, digest) SELECT number, entry, previous, digest FROM whole"
        )
        await connection.execute("DROP TABLE whole")
        assert told.returncode == 1, told.stderr
        assert told.stdout == f"Entry {number} {words}; the {number - 1} before it are whole.\n"
    await connection.close()
    assert service.run("audit", "verify", "--checkpoint", str(kept)).returncode == 0


def test_keys_are_made_listed_and_renewed(service: Live) -> None:
    assert "nothing is missing" in service.run("keys", "init").stdout
    before = service.run("keys", "list").stdout
    assert [line.split()[0] for line in before.splitlines()] == sorted(line.split()[0] for line in before.splitlines())
    renewed = service.run("keys", "renew", "mail").stdout
    after = service.run("keys", "list").stdout
    assert len(after.splitlines()) == len(before.splitlines()) + 1
    assert renewed.split()[2] in after


def test_what_the_place_says_and_shows_stands_in_the_log(service: Live, tmp_path: Path) -> None:
    picture, terms = tmp_path / "tram.png", tmp_path / "about.txt"
    picture.write_bytes(pictures.png())
    terms.write_text("A square")
    service.person("frances")
    number = service.run("announce", "publish", "Hello").stdout.partition(" ")[0]
    for words in (
        ("announce", "change", number, "Hello again"), ("announce", "remove", number),
        ("emoji", "add", "tram", str(picture)), ("emoji", "hide", "tram"), ("emoji", "remove", "tram"),
        ("publish", "about", str(terms)), ("account", "feature", "frances"), ("account", "unfeature", "frances"),
    ):  # fmt: skip
        done = service.run(*words)
        assert done.returncode == 0, done.stderr
    shown = service.run("audit", "show").stdout
    for action in (
        "announcement.create", "announcement.update", "announcement.delete", "custom_emoji.put", "custom_emoji.update",
        "custom_emoji.delete", "about.publish", "account.feature", "account.unfeature",
    ):  # fmt: skip
        assert f'"action":"{action}"' in shown, action
    assert '"after":{"visible":false}' in shown


async def test_the_evidence_of_a_case_is_written_for_a_reason(service: Live, tmp_path: Path) -> None:
    author, reader = service.person("henrietta"), service.person("isolde")
    post = service.post("/api/v1/statuses", author.token, status="I know where all of you live").json()
    given = {"account_id": author.id, "status_ids": [post["id"]]}
    assert service.post("/api/v1/reports", reader.token, **given).status_code == 200
    await settled(service)
    async with database(service) as connection:
        number = await connection.fetchval("SELECT case_id FROM case_items WHERE item_id = $1", int(post["id"]))
    file = tmp_path / "evidence.zip"
    words = ("moderation", "pack", f"case:{number}", "--to", str(file), "--why")
    assert service.run(*words, " ").returncode == 2
    assert not file.exists(), "without a reason"
    made = service.run(*words, "Order 7 Js 12/26")
    assert made.returncode == 0, made.stderr
    key = tmp_path / "key.txt"
    key.write_text(service.get("/.well-known/audit-log/key").text)
    assert verified(file, key=key)["evidence"].startswith("as http")
    assert file.stat().st_mode & 0o077 == 0
    assert "is there already" in service.run(*words, "Order 7 Js 12/26").stderr
    assert '"action":"case.pack"' in service.run("audit", "show").stdout


def test_texts_for_warnings(service: Live) -> None:
    made = service.run("warnings", "add", "Kindness", "Be kind.")
    number = made.stdout.strip()
    assert f"{number}  Kindness: Be kind." in service.run("warnings", "list").stdout
    assert service.run("warnings", "add", "", "").returncode == 2
    assert service.run("warnings", "remove", number).returncode == 0
    assert service.run("warnings", "remove", number).returncode == 2
    assert service.run("warnings", "remove", "nonsense").returncode == 2
