"""Whether the service can do its work, as load balancers and apps ask for it."""

import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.database import HASTY, KEYS
from tests.support.square import SETTINGS, Square, town
from townsquare.db.launcher import Binaries, start, stop
from townsquare.db.pool import Database


async def test_the_answer_is_ok_as_text(square: Square) -> None:
    health = await square.http.get("/health")
    assert (health.status_code, health.text) == (200, "OK")
    assert health.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(("path", "accept"), [("/health", "application/json"), ("/health.json", "*/*")])
async def test_who_asks_for_json_gets_it(square: Square, path: str, accept: str) -> None:
    health = await square.http.get(path, headers={"accept": accept})
    assert health.status_code == 200
    assert health.headers["content-type"].startswith("application/json")
    assert health.json()["status"] == "ok"
    assert health.json()["database_ms"] >= 0


@pytest.fixture
def data(binaries: Binaries) -> Generator[Path]:
    """The folder of a PostgreSQL that a test may stop; what runs there in the end is ended."""
    folder = Path(tempfile.mkdtemp(prefix="townsquare-test-"))
    yield folder
    stop(start(folder, binaries, extra=HASTY))
    shutil.rmtree(folder)


async def test_a_database_that_is_away_makes_it_unavailable_until_it_is_back(
    data: Path, binaries: Binaries, tmp_path: Path
) -> None:
    cluster = start(data, binaries, extra=HASTY)
    async with (
        Database.connect(cluster.dsn, lambda: KEYS, connections=3) as db,
        town(db, tmp_path, SETTINGS) as square,
    ):
        assert (await square.http.get("/health")).status_code == 200
        stop(cluster)
        for path in ("/health", "/health", "/health.json"):
            health = await square.http.get(path)
            assert health.status_code == 503
            assert "database" in health.json()["error"]
            assert int(health.headers["retry-after"]) > 0
        start(data, binaries, extra=HASTY)
        assert (await square.http.get("/health")).status_code == 200
