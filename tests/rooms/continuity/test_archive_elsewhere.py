"""An archive in a store that speaks S3's protocol, of a database that was given by its address."""

import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.live import live, run
from tests.rooms.continuity.test_archive import kill_everything, upload, wait_for
from tests.support.seaweed import seaweed
from townsquare.db import launcher
from townsquare.db.launcher import Cluster
from townsquare.kernel.settings import Storage

__all__ = ["seaweed"]

GIVEN = """\
database_url = "{0.dsn}"
archive.source = "{0.admin}"
title = "Given"
"""


@contextmanager
def given(folder: Path) -> Generator[Cluster]:
    """A server of somebody else's."""
    folder.mkdir()
    cluster = launcher.start(folder, launcher.find_binaries(None), extra={"wal_level": "replica"})
    try:
        yield cluster
    finally:
        launcher.stop(cluster)


@pytest.fixture
def options(seaweed: Storage, monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    """How the commands reach it."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", seaweed.secret_access_key)
    return ("--endpoint", seaweed.endpoint, "--region", seaweed.region, "--access-key-id", seaweed.access_key_id)


def test_it_comes_back_from_a_store_without_the_server_that_it_was_on(
    seaweed: Storage, options: Sequence[str], tmp_path: Path
) -> None:
    data, kept, url = tmp_path / "data", tmp_path / "keys", f"{seaweed.url}/archive"
    with given(tmp_path / "server") as server:
        data.mkdir()
        (data / "townsquare.toml").write_text(GIVEN.format(server))
        with live(data, "--workers", "1") as service:
            author = service.person("ann")
            made = service.run("archive", "init", url, "--write-keys", str(kept), *options)
            assert made.returncode == 0, made.stderr
            picture = upload(service, author)["url"].removeprefix(service.url)
            first = service.post("/api/v1/statuses", author.token, status="before the base").json()["id"]
            wait_for(service, lambda one: one.bases and not one.uploads_waiting and one.uploads > 1)
            later = service.post("/api/v1/statuses", author.token, status="after it").json()["id"]
            written = datetime.now(UTC)
            wait_for(service, lambda one: one.shipped_at and one.shipped_at > written and not one.lag_bytes)
            kill_everything(service)
    shutil.rmtree(data)
    shutil.rmtree(tmp_path / "server")
    back = tmp_path / "back"
    key = kept / "recovery-key.txt"
    done = run("restore", url, "--key", str(key), "--data", str(back), *options)
    assert done.returncode == 0, done.stdout + done.stderr
    with live(back, "--workers", "1") as service:
        assert service.get("/api/v2/instance").json()["title"] == "Given"
        for post in (first, later):
            assert service.get(f"/api/v1/statuses/{post}", author.token).status_code == 200
        assert service.get(picture).status_code == 200
