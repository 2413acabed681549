"""`townsquare publish`: documents of the place's own."""

from pathlib import Path

import httpx

from tests.live import Live


def test_a_document_is_shown_and_a_later_one_from_its_day_on(service: Live, tmp_path: Path) -> None:
    file = tmp_path / "privacy.txt"
    file.write_bytes(b"We keep\r\nlittle.\r\n\r\n\r\nWe sell nothing.\r\n")
    told = service.run("publish", "privacy", str(file))
    assert f"Version 1 stands at {service.url}/privacy" in told.stdout
    assert (
        '<p dir="auto">We keep little.</p><p dir="auto">We sell nothing.</p>'
        in httpx.get(f"{service.url}/privacy").text
    )
    later = service.run("publish", "privacy", "-", "--from", "2999-12-31", stdin="We keep nothing.")
    assert "Version 2" in later.stdout
    assert "We keep little." in httpx.get(f"{service.url}/privacy").text


def test_what_cannot_be_published_is_told_in_a_sentence(service: Live, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n\n ")
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    said = [service.run("publish", "about", str(tmp_path / name)) for name in ("empty", "latin", "none")]
    assert [one.returncode for one in said] == [2, 2, 2]
    assert [len(one.stderr.splitlines()) for one in said] == [1, 1, 1]
    assert "write a day" in service.run("publish", "about", "-", "--from", "tomorrow").stderr
