"""What stands in the documents is so: settings, dependencies, commands, links."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from townsquare.cli.main import COMMANDS
from townsquare.kernel.settings import OWN
from townsquare.kernel.settings_sources import load

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)


def rows(document: Path) -> Iterator[list[str]]:
    """The cells of all tables."""
    for line in document.read_text(encoding="utf-8").splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def test_every_setting_is_documented_with_its_default() -> None:
    cells = [row for row in rows(ROOT / "docs" / "running.md") if row[0].startswith("`")]
    documented = {row[0].removesuffix(" *").strip("`"): row[1].strip("`") for row in cells}
    assert documented == {one.key: one.shown for one in load(None, {}, []).all}
    assert {row[0].removesuffix(" *").strip("`") for row in cells if row[0].endswith(" *")} == set(OWN)


def test_every_dependency_is_documented() -> None:
    named = {name for row in rows(ROOT / "docs" / "dependencies.md") for name in row[0].split(", ")}
    listed = [
        *PROJECT["dependencies"],
        *PROJECT["optional-dependencies"]["automatic"],
        *PROJECT["optional-dependencies"]["dev"],
    ]
    wanted = {one.partition("[")[0] for one in listed}
    assert wanted - named == set()
    assert named - wanted - {"hatchling", "editables", "package", "---"} == set()


def test_every_locked_package_takes_the_oldest_python_that_is_served() -> None:
    oldest = PROJECT["requires-python"].removeprefix(">=")
    newer = [
        f"{one.name} {one.version} takes {takes}"
        for one in distributions()
        if (takes := one.metadata["Requires-Python"]) and oldest not in SpecifierSet(takes)
    ]
    assert newer == [], f"make the lock with Python {oldest}, which is Debian 12's"


def test_every_dependency_of_the_service_is_used() -> None:
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "src").rglob("*.py")]
    words = {word for tree in trees for node in ast.walk(tree) for word in modules(node)}
    providers = packages_distributions()
    used = {plain(name) for word in words for name in providers.get(word, [])}
    assert {name for name in PROJECT["dependencies"] if plain(name) not in used} == set()


def modules(node: ast.AST) -> list[str]:
    """The top modules that a node imports, or names in a text."""
    match node:
        case ast.Import():
            return [one.name.partition(".")[0] for one in node.names]
        case ast.ImportFrom(module=str(module)):
            return [module.partition(".")[0]]
        case ast.Constant(value=str(text)):
            return [text]
        case _:
            return []


def plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'src="([^"]+)"', text)]
    for link in links:
        path, _, anchor = link.partition("#")
        target = document if not path else document.parent / path
        if "://" not in link:
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def anchors(document: Path) -> set[str]:
    """What the headings of a document can be linked as."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_document
def test_commands_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    code = "\n".join(
        [*re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL), *re.findall(r"`([^`\n]+)`", text)]
    )
    given = set(re.findall(r"^(?:\S*/)?townsquare ([a-z]+)", code, re.MULTILINE))
    assert given - {command.name for command in COMMANDS} == set()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"^make (?:-C \S+ )?([a-z-]+)", code, re.MULTILINE)) - targets == set()
