"""The place's own keys: what is sealed opens with them, where it was put, and nowhere else."""

import os
from pathlib import Path

import pytest

from townsquare.kernel import keyring
from townsquare.kernel.keyring import PURPOSES, Keyring, KeyringError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "keys.json"


def test_what_is_sealed_opens_in_its_place_only() -> None:
    ring = keyring.fresh()
    sealed = ring.seal("totp", b"secret", "user:1")
    assert ring.open("totp", sealed, "user:1") == b"secret"
    assert b"secret" not in sealed
    assert ring.seal("totp", b"secret", "user:1") != sealed
    for data, about in ((sealed, "user:2"), (sealed[:-1] + bytes([sealed[-1] ^ 1]), "user:1")):
        with pytest.raises(KeyringError, match="was changed, or moved"):
            ring.open("totp", data, about)
    for wrong in (ring, keyring.fresh()):
        with pytest.raises(KeyringError, match="a key that is not in the file"):
            wrong.open("tokens", sealed, "user:1")
    with pytest.raises(KeyringError):
        ring.open("totp", b"", "user:1")


def test_a_file_has_a_key_for_each_purpose_and_is_closed_to_others(file: Path) -> None:
    with pytest.raises(KeyringError, match="townsquare keys init"):
        keyring.read(file)
    assert keyring.ensure(file, {"mail": b"known"}) == list(PURPOSES)
    assert keyring.ensure(file, {"mail": b"another"}) == []
    ring = keyring.read(file)
    assert ring.newest("mail") == b"known"
    assert all(len(ring.of(purpose)) == 1 for purpose in PURPOSES)
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in file.parent.iterdir()) == [".keys.json.lock", "keys.json"]


def test_a_key_is_renewed_under_a_service_that_runs(file: Path) -> None:
    keyring.ensure(file)
    sealed = keyring.read(file).seal("tokens", b"old", "push:1:2")
    key = keyring.renew(file, "tokens")
    ring = keyring.read(file)
    assert [one.name == key.name for one in ring.of("tokens")] == [True, False]
    assert ring.open("tokens", sealed, "push:1:2") == b"old"
    assert ring.seal("tokens", b"new", "push:1:2")[1:5] == key.name


def test_a_file_that_is_no_file_of_keys_says_so(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("{")
    with pytest.raises(KeyringError, match="cannot be read"):
        keyring.read(file)
    with pytest.raises(KeyringError, match="cannot be read"):
        keyring.ensure(file)
    assert file.read_text() == "{"


def test_an_older_file_gets_what_it_lacks(file: Path) -> None:
    keyring.ensure(file)
    before = keyring.read(file).newest("vapid")
    text = file.read_text().replace('"evidence"', '"evidence_of_before"')
    file.write_text(text)
    os.utime(file, ns=(1, 1))
    with pytest.raises(KeyringError, match="no key for evidence"):
        keyring.read(file).seal("evidence", b"", "")
    assert keyring.ensure(file) == ["evidence"]
    assert keyring.read(file).newest("vapid") == before
    assert isinstance(keyring.read(file), Keyring)
