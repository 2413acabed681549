"""Templates are compiled once: the next process takes what stands on the disk, as long as nothing has changed."""

from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from townsquare.web.door.compiled import Compiled
from townsquare.web.door.templates import Sources


class Counting(jinja2.Environment):
    """Jinja's, which tells how often it has compiled something."""

    times = 0

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        self.times += 1
        return super()._generate(source, name, filename, defer_init)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "one.html").write_text("Hello {{ name }}")
    return tmp_path / "pages"


def compiled(pages: Path, file: Path | None) -> int:
    """How many were compiled by a start."""
    kept = Compiled(file)
    environment = Counting(loader=jinja2.FileSystemLoader(pages), bytecode_cache=kept, autoescape=True)
    assert environment.get_template("one.html").render(name="Ann") == (pages / "one.html").read_text()[:5] + " Ann"
    kept.write()
    return environment.times


def test_a_template_is_compiled_once_and_again_when_it_has_changed(pages: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept" / "templates"
    assert [compiled(pages, file) for _ in range(3)] == [1, 0, 0]
    (pages / "one.html").write_text("Howdy {{ name }}")
    assert [compiled(pages, file) for _ in range(2)] == [1, 0]
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_a_language_that_is_asked_for_later_is_compiled_of_what_was_there_at_the_start(pages: Path) -> None:
    sources = Sources(pages)
    (pages / "one.html").write_text("{{ what_only_the_new_program_knows() }}")
    (pages / "two.html").write_text("New")
    environment = jinja2.Environment(loader=sources, autoescape=True)
    assert environment.list_templates() == ["one.html"]
    assert environment.get_template("one.html").render(name="Ann") == "Hello Ann"
    with pytest.raises(jinja2.TemplateNotFound):
        environment.get_template("two.html")


@pytest.mark.parametrize("content", [b"", b"something else", b"\0" * 100_000])
def test_what_is_broken_is_written_anew(pages: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "templates"
    compiled(pages, file)
    file.write_bytes(file.read_bytes()[:32] + content)
    assert [compiled(pages, file) for _ in range(2)] == [1, 0]
    file.write_bytes(content)
    assert [compiled(pages, file) for _ in range(2)] == [1, 0]


def test_where_nothing_can_be_written_each_start_compiles(pages: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert [compiled(pages, tmp_path / "file" / "templates") for _ in range(2)] == [1, 1]
    assert [compiled(pages, None) for _ in range(2)] == [1, 1]
