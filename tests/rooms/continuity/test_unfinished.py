"""PostgreSQL's files while they are changed as a whole: nothing is started on what is left in the middle of it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from patroni.postgresql.rewind import Rewind as PatroniRewind

from townsquare.continuity.standby import engine, unfinished
from townsquare.continuity.standby.engine import Rewind
from townsquare.continuity.standby.model import VOTERS


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / VOTERS).mkdir()
    (tmp_path / "postgres" / "base").mkdir(parents=True)
    (tmp_path / "postgres" / "base" / "1").touch()
    return tmp_path


@pytest.mark.parametrize("well", [True, False])
def test_while_files_are_rewound_there_is_a_note(data: Path, well: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    noted, removed = list[bool](), list[bool]()

    def program(_self: PatroniRewind, _source: dict[str, Any]) -> bool:
        noted.append(unfinished.is_left(data / VOTERS))
        return well

    monkeypatch.setattr(PatroniRewind, "pg_rewind", program)
    postgres: Any = SimpleNamespace(data_dir=str(data / "postgres"), remove_data_directory=lambda: removed.append(True))
    assert Rewind(postgres).pg_rewind({}) == well
    assert noted == [True]
    assert unfinished.is_left(data / VOTERS) == (not well), "what was left is not begun with"
    assert removed == ([] if well else [True])


def test_what_was_left_is_not_begun_with(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine.make_sure(data / VOTERS)
    assert list((data / "postgres").iterdir()), "nothing was begun"
    unfinished.begin(data / VOTERS)
    engine.make_sure(data / VOTERS)
    assert not list((data / "postgres").iterdir())
    assert "it is copied anew" in capsys.readouterr().err
    assert unfinished.is_left(data / VOTERS), "it is, until there is a whole copy"
