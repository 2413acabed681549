from pathlib import Path

import pytest

from townsquare.db.launcher import LauncherError, find_binaries


def programs(folder: Path, version: str) -> Path:
    """A folder with three programs that say they are of a version."""
    folder.mkdir(parents=True)
    for name in ("initdb", "pg_ctl", "postgres"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{programs(tmp_path / 'bin', '17.4 (Debian 17.4-1)')}:/usr/bin:/bin")
    found = find_binaries(None)
    assert (found.folder, found.version, found.major) == (tmp_path / "bin", "17.4", 17)


def test_old_and_broken_programs_on_the_path_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = programs(tmp_path / "old", "15.18")
    broken = programs(tmp_path / "broken", "")
    half = programs(tmp_path / "half", "17.1")
    (half / "initdb").unlink()
    monkeypatch.setenv("PATH", f"{old}:{broken}:{half}:/usr/bin:/bin")
    assert find_binaries(None).folder not in (old, broken, half)


def test_the_version_of_the_cluster_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = programs(tmp_path / "newer", "18.1")
    same = programs(tmp_path / "same", "17.9")
    monkeypatch.setenv("PATH", f"{newer}:{same}:/usr/bin:/bin")
    assert find_binaries(None).folder == newer
    assert find_binaries(None, major=17).folder == same


def test_a_prerelease_has_a_version_too(tmp_path: Path) -> None:
    assert find_binaries(programs(tmp_path / "bin", "19beta1")).major == 19


def test_a_configured_folder_is_the_only_one_looked_at(tmp_path: Path) -> None:
    with pytest.raises(LauncherError, match=r"database\.binaries = '.*empty' does not hold initdb, pg_ctl, postgres"):
        find_binaries(tmp_path / "empty")
    with pytest.raises(LauncherError, match=r"holds PostgreSQL 16\.2; 17 or later is needed"):
        find_binaries(programs(tmp_path / "old", "16.2"))
