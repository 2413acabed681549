"""Evidence is verified by another process, which knows nothing of Townsquare; whatever is forged in it is found.

`docs/verify_evidence.py` is what a host's abuse team gets. It runs without our code, and without anybody else's.
"""

import base64
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.api.test_media import sent as sent_picture
from tests.rooms.moderation.cases.desk import NOW, removed
from tests.support.square import SETTINGS, Square
from townsquare.kernel.settings import Notices
from townsquare.media.sealed import folder_of, keep_sealed
from townsquare.media.storage import put
from townsquare.moderation.audit import Deed, record
from townsquare.moderation.checkpoints import make
from townsquare.moderation.evidence import archive, of_case
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.notices import mail, pack, store

VERIFIER: Final = Path(__file__).parents[4] / "docs" / "verify_evidence.py"
LETTER: Final = "From: abuse@cloud.example\nSubject: Ticket 42\nMessage-ID: <m1@x>\n\nViolent content: {}"
STRANGER: Final = Ed25519PrivateKey.from_private_bytes(bytes(32))
Files = dict[str, bytes]
Forge = Callable[[Files, Ed25519PrivateKey], None]


def verified(*packs: Path, key: Path, checkpoint: Path | None = None) -> dict[str, str]:
    """What is said of each, by a process of which nobody has told it where our code is."""
    also = [] if checkpoint is None else ["--checkpoint", str(checkpoint)]
    command = [sys.executable, "-I", "-S", str(VERIFIER), *map(str, packs), "--key", str(key), *also]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.stderr == ""
    told = [line.partition(": ") for line in done.stdout.splitlines() if not line.startswith(" ")]
    said = {name: words for name, _, words in told}
    assert done.returncode == any(one.startswith("NOT") for one in said.values())
    return {Path(name).stem: words.removeprefix("NOT as it was made: ") for name, words in said.items()}


class Packs(msgspec.Struct, frozen=True):
    """Of one case."""

    of_case: Files
    """For a court."""
    of_notice: Files
    """For the host that had told of it."""


@pytest.fixture
async def packs(square: Square) -> Packs:
    """The evidence of a threat with a picture, of which a host had told; something else stands in the log between."""
    ann = await square.person("ann")
    picture = (await sent_picture(ann))["id"]
    post = await ann.say("I will come to your house with knives tonight", media_ids=[picture])
    settings = msgspec.structs.replace(square.services.settings, notices=Notices(hosts=("cloud.example",)))
    raw = LETTER.format(f"https://town.example/@ann/{post['id']}").encode()
    notice = await mail.take_mail(square.db, settings, raw)
    await square.settle()
    case_id = await square.db.value("SELECT id FROM cases")
    await removed(square.db, case_id)
    for target in ("account:1", f"case:{case_id}", "account:2"):
        async with square.db.transaction() as tx:
            await record(tx, OPERATOR, Deed(action="note", target=target, reason="In between"))
    await square.settle()
    (decided,) = await store.by_ids(square.db, [notice.id])
    storage = square.services.storage
    noticed = await pack.for_sender(square.db, storage, settings, decided, NOW)
    whole = await of_case.make(square.db, storage, settings, OPERATOR, "terminal", case_id, "For the court", NOW)
    return Packs(files_of(whole), files_of(noticed))


def files_of(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.fixture
def made(packs: Packs) -> Files:
    return packs.of_case


def write(place: Path, files: Files) -> Path:
    with zipfile.ZipFile(place, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return place


def sign(files: Files, key: Ed25519PrivateKey) -> None:
    """Say anew which files there are, and sign that."""
    manifest = json.loads(files["manifest.json"])
    others = {name: data for name, data in files.items() if name not in ("manifest.json", "manifest.sig", "key.txt")}
    manifest["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in others.items()}
    state(files, manifest, key)


def state(files: Files, manifest: Mapping[str, Any], key: Ed25519PrivateKey) -> None:
    files["manifest.json"] = json.dumps(manifest).encode()
    files["manifest.sig"] = base64.b64encode(key.sign(files["manifest.json"]))


def lines(files: Files, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[name].splitlines()]


def relined(files: Files, name: str, rows: list[dict[str, Any]]) -> None:
    files[name] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def changed(name: str) -> Forge:
    """A file, by somebody without the key."""

    def forge(files: Files, _: Ed25519PrivateKey) -> None:
        files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])

    return forge


def left_out(name: str) -> Forge:
    def forge(files: Files, _: Ed25519PrivateKey) -> None:
        del files[name]

    return forge


def added(files: Files, _: Ed25519PrivateKey) -> None:
    files["items/9.txt"] = b"This was never there"


def restated(files: Files, _: Ed25519PrivateKey) -> None:
    files["manifest.json"] = files["manifest.json"].replace(b'"remove"', b'"none"')


def by_a_stranger(files: Files, _: Ed25519PrivateKey) -> None:
    """Whole in itself, with another key that it brings along."""
    raw = b"\x01" + STRANGER.public_key().public_bytes_raw()
    files["key.txt"] = b"town.example/audit-log+00000000+" + base64.b64encode(raw)
    restated(files, STRANGER)
    sign(files, STRANGER)


def of_a_stranger(files: Files, _: Ed25519PrivateKey) -> None:
    """With the key of the place beside another's signature."""
    restated(files, STRANGER)
    sign(files, STRANGER)


def entry_changed(files: Files, key: Ed25519PrivateKey) -> None:
    """By the place itself, as is what follows: it has the key, and signs."""
    files["audit.jsonl"] = files["audit.jsonl"].replace(b"In between", b"In betweem")
    sign(files, key)


def entry_made_anew(files: Files, key: Ed25519PrivateKey) -> None:
    """With a digest that fits."""
    rows = lines(files, "audit.jsonl")
    row = next(one for one in rows if "In between" in one["entry"])
    row["entry"] = row["entry"].replace("In between", "Something else")
    told = bytes.fromhex(row["previous"]) + row["number"].to_bytes(8, "big") + row["entry"].encode()
    row["digest"] = hashlib.sha256(told).hexdigest()
    relined(files, "audit.jsonl", rows)
    sign(files, key)


def link_left_out(files: Files, key: Ed25519PrivateKey) -> None:
    rows = lines(files, "chain.jsonl")
    relined(files, "chain.jsonl", rows[:2] + rows[3:])
    sign(files, key)


def link_changed(files: Files, key: Ed25519PrivateKey) -> None:
    rows = lines(files, "chain.jsonl")
    rows[2]["digest"] = "00" * 32
    relined(files, "chain.jsonl", rows)
    sign(files, key)


def end_left_out(files: Files, key: Ed25519PrivateKey) -> None:
    relined(files, "chain.jsonl", lines(files, "chain.jsonl")[:-1])
    sign(files, key)


def checkpoint_changed(files: Files, key: Ed25519PrivateKey) -> None:
    note = files["checkpoint.txt"].decode().split("\n")
    note[2] = base64.b64encode(bytes(32)).decode()
    files["checkpoint.txt"] = "\n".join(note).encode()
    sign(files, key)


FORGED: Final[Mapping[str, tuple[Forge, str]]] = {
    "a post that was changed": (changed("items/0.json"), "items/0.json was changed"),
    "a text that was changed": (changed("items/0.txt"), "items/0.txt was changed"),
    "a checkpoint that was changed": (changed("checkpoint.txt"), "checkpoint.txt was changed"),
    "a file that was left out": (left_out("items/0.txt"), "items/0.txt is missing"),
    "a signature that was left out": (left_out("manifest.sig"), "manifest.json, manifest.sig or key.txt is missing"),
    "a file that was added": (added, "items/9.txt does not belong to the pack"),
    "a statement that was changed": (restated, "manifest.json is not signed with the key, or was changed"),
    "another key": (by_a_stranger, "the pack is signed with another key than that of the place"),
    "another's signature": (of_a_stranger, "manifest.json is not signed with the key, or was changed"),
    "an entry that was changed": (entry_changed, "entry 5 of the log was changed"),
    "an entry that was made anew": (entry_made_anew, "entry 5 is not the one of the log"),
    "a link that was left out": (link_left_out, "entry 3 of the log is missing, or was changed"),
    "a link that was changed": (link_changed, "entry 4 of the log is missing, or was changed"),
    "an end that was left out": (end_left_out, "entry 7 is not the one of the log"),
    "a checkpoint with another digest": (
        checkpoint_changed,
        "a checkpoint is not signed with the key of the place, or was changed",
    ),
}


async def test_evidence_is_verified_elsewhere_and_every_forgery_is_found(
    square: Square, made: Files, tmp_path: Path
) -> None:
    own = Ed25519PrivateKey.from_private_bytes(square.db.keys.newest("audit"))
    key = tmp_path / "key.txt"
    key.write_text((await square.http.get("/.well-known/audit-log/key")).text)
    packs = [write(tmp_path / "whole.zip", made)]
    for name, (forge, _) in FORGED.items():
        files = dict(made)
        forge(files, own)
        packs.append(write(tmp_path / f"{name}.zip", files))
    signed_anew = dict(made)
    sign(signed_anew, own)
    packs.append(write(tmp_path / "signed anew.zip", signed_anew))
    said = verified(*packs, key=key)
    for name in ("whole", "signed anew"):
        assert said.pop(name).startswith("as https://town.example made it at 2026-11-21"), name
    assert said == {name: words for name, (_, words) in FORGED.items()}
    assert any(name.startswith("files/") for name in made), "the picture is in it"


async def test_whoever_gave_notice_learns_nobody_s_name_and_can_hold_the_place_to_its_log(
    square: Square, packs: Packs, tmp_path: Path
) -> None:
    own, key = Ed25519PrivateKey.from_private_bytes(square.db.keys.newest("audit")), tmp_path / "key.txt"
    key.write_text((await square.http.get("/.well-known/audit-log/key")).text)
    cut = dict(packs.of_notice)
    link_left_out(cut, own)
    files = {"whole": packs.of_notice, "cut": cut}
    said = verified(*(write(tmp_path / f"{name}.zip", one) for name, one in files.items()), key=key)
    assert said.pop("whole").startswith("as https://town.example made it")
    assert said == {"cut": "entry 3 of the log is missing, or was changed"}
    entries = {one["number"]: one for one in lines(packs.of_case, "audit.jsonl")}
    for one in lines(packs.of_notice, "audit.jsonl"):
        assert "entry" not in one
        assert {**entries[one["number"]], **one} == entries[one["number"]]
    assert [one["reviewer"] for one in json.loads(packs.of_notice["manifest.json"])["decisions"]] == [1, 2]
    words = [json.loads(one["entry"]) for one in entries.values()]
    deciders = {one["actor_id"] for one in words if one["action"] in ("case.review", "case.decide")}
    told = json.loads(packs.of_case["manifest.json"])["decisions"]
    assert {int(one["reviewer"]) for one in told} == deciders


async def test_what_is_too_large_is_told_by_its_digest_and_what_is_gone_by_its_name(square: Square) -> None:
    """So that a film that is handed over by another way is known to be the one."""
    keys = [f"attachments/ab/cd/abcd{number:028}/original.mp4" for number in range(3)]
    films = (bytes(archive.LARGEST - 1), b"x" * 99)
    for key, film in zip(keys, films, strict=False):
        await put(square.services.storage, key, film)
    await keep_sealed(square.db.keys, square.services.storage, keys, folder_of(7))
    thing = archive.Kept(0, 7, b"", "Films", keys)
    files, missing = await archive.files_of(square.db, square.services.storage, [thing])
    names = [f"files/0/{key.replace('/', '-')}" for key in keys]
    assert set(files) == {"items/0.txt", names[0]}
    digest = hashlib.sha256(films[1]).hexdigest()
    assert missing == [archive.Missing(names[1], 99, digest), archive.Missing(names[2])]


async def test_a_log_that_was_made_anew_before_the_pack_shows_by_a_checkpoint_that_was_kept(
    square: Square, made: Files, tmp_path: Path
) -> None:
    """The place had signed another log some other day."""
    key, kept = tmp_path / "key.txt", tmp_path / "kept.txt"
    key.write_text((await square.http.get("/.well-known/audit-log/key")).text)
    whole = write(tmp_path / "whole.zip", made)
    kept.write_text(made["checkpoint.txt"].decode())
    assert verified(whole, key=key, checkpoint=kept)["whole"].startswith("as https://town.example")
    await square.db.execute("ALTER TABLE audit.log DISABLE TRIGGER USER")
    await square.db.execute("ALTER TABLE audit.checkpoints DISABLE TRIGGER USER")
    last = lines(made, "chain.jsonl")[-1]["number"]
    await square.db.execute("DELETE FROM audit.log WHERE number > $1", last)
    await square.db.execute("UPDATE audit.log SET digest = sha256('') WHERE number = $1", last)
    await square.db.execute("DELETE FROM audit.checkpoints")
    kept.write_text(await make(square.db, SETTINGS))
    assert "is not the one that a checkpoint signs" in verified(whole, key=key, checkpoint=kept)["whole"]


async def test_entries_that_lie_far_apart_stand_before_a_checkpoint_each(square: Square, tmp_path: Path) -> None:
    """What lies between is left out, and nothing else can be."""
    for number, target in enumerate(("case:1", *["account:1"] * 3, "case:1", "account:1")):
        async with square.db.transaction() as tx:
            await record(tx, OPERATOR, Deed(action="note", target=target, reason=f"The {number}th"))
        if number in (1, 3):
            await make(square.db, SETTINGS)
    note = await make(square.db, SETTINGS)
    async with square.db.transaction() as tx:
        await record(tx, OPERATOR, Deed(action="note", target="case:1", reason="While the archive is made"))
    log = await archive.log_of(square.db, SETTINGS, await archive.entries_of(square.db, [1]), note, named=True)
    assert [row["number"] for row in lines(log, "audit.jsonl")] == [1, 5], "no entry that no checkpoint holds yet"
    assert [row["number"] for row in lines(log, "chain.jsonl")] == [1, 2, 5, 6]
    assert set(log) == {"audit.jsonl", "chain.jsonl", "checkpoint.txt", "checkpoints/2.txt"}
    key = tmp_path / "key.txt"
    key.write_text((await square.http.get("/.well-known/audit-log/key")).text)
    packs: list[Path] = []
    for name, (left_out_link, left_out_file) in {
        "whole": (0, ""), "an end": (2, ""), "an entry": (5, ""), "a checkpoint": (0, "checkpoints/2.txt"),
    }.items():  # fmt: skip
        files = {one: data for one, data in log.items() if one != left_out_file}
        rows = [row for row in lines(files, "chain.jsonl") if row["number"] != left_out_link]
        relined(files, "chain.jsonl", rows)
        said = archive.manifest(SETTINGS, {"items": []}, files, NOW)
        packs.append(tmp_path / f"{name}.zip")
        packs[-1].write_bytes(archive.signed(square.db.keys, SETTINGS, said, files))
    said = verified(*packs, key=key)
    assert said.pop("whole").startswith("as https://town.example")
    assert said == {
        "an end": "entry 2 of the log is missing, or was changed",
        "an entry": "entry 5 is not the one of the log",
        "a checkpoint": "entry 3 of the log is missing, or was changed",
    }
