"""PostgreSQL's files while they are changed as a whole: nothing is started on what is left in the middle of it."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from patroni.postgresql.bootstrap import Bootstrap as PatroniBootstrap
from patroni.postgresql.rewind import Rewind as PatroniRewind

from townsquare.continuity.standby import engine, unfinished
from townsquare.continuity.standby.engine import Bootstrap, Rewind
from townsquare.continuity.standby.model import VOTERS


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / VOTERS).mkdir()
    (tmp_path / "postgres" / "base").mkdir(parents=True)
    (tmp_path / "postgres" / "base" / "1").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("well", "wrote", "goes"),
    [(True, True, False), (False, True, True), (False, False, False)],
    ids=["it goes well", "it is broken off", "it is refused"],
)
def test_while_files_are_rewound_there_is_a_note_and_what_is_half_done_goes(
    data: Path, well: bool, wrote: bool, goes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted, removed = list[bool](), list[bool]()

    def program(_self: PatroniRewind, _source: dict[str, Any]) -> bool:
        noted.append(unfinished.is_left(data / VOTERS))
        if wrote:
            (data / "postgres" / "base" / "1").write_bytes(b"a block")
        return well

    monkeypatch.setattr(PatroniRewind, "pg_rewind", program)
    postgres: Any = SimpleNamespace(data_dir=str(data / "postgres"), remove_data_directory=lambda: removed.append(True))
    assert Rewind(postgres).pg_rewind({}) == well
    assert noted == [True]
    assert unfinished.is_left(data / VOTERS) == goes, "what was left is not begun with"
    assert removed == [True] * goes


def test_what_was_left_before_is_left_still_where_a_copy_is_refused(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfinished.begin(data / VOTERS)

    def refused(*_: object) -> bool:
        return False

    monkeypatch.setattr(PatroniBootstrap, "clone", refused)
    copying = Bootstrap.__new__(Bootstrap)
    vars(copying)["_postgresql"] = SimpleNamespace(data_dir=str(data / "postgres"))
    assert not copying.clone()
    assert unfinished.is_left(data / VOTERS)


def test_every_change_below_a_folder_is_seen(data: Path, tmp_path: Path) -> None:
    cluster, beside, probe = data / "postgres", tmp_path / "beside", tmp_path / "probe"
    probe.touch()
    beside.mkdir()
    (cluster / "pg_tblspc").symlink_to(beside)

    def write() -> None:
        with (cluster / "base" / "1").open("r+b") as file:
            file.write(b"x")

    changes: list[Callable[[], object]] = [
        write, (beside / "2").touch, (beside / "2").unlink, (cluster / "base" / "1").unlink
    ]  # fmt: skip
    for change in changes:
        before = engine.changed_at(cluster)
        while probe.stat().st_ctime_ns <= before:  # the clock of a file system goes by steps
            probe.touch()
        change()
        assert engine.changed_at(cluster) > before
    assert engine.changed_at(tmp_path / "nowhere") == 0


def test_what_was_left_is_not_begun_with(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine.make_sure(data / VOTERS)
    assert list((data / "postgres").iterdir()), "nothing was begun"
    unfinished.begin(data / VOTERS)
    engine.make_sure(data / VOTERS)
    assert not list((data / "postgres").iterdir())
    assert "it is copied anew" in capsys.readouterr().err
    assert unfinished.is_left(data / VOTERS), "it is, until there is a whole copy"
