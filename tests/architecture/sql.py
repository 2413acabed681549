"""The SQL that stands in the source, as it is written: f-strings with the names of what is put in."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

SOURCE = Path(__file__).parents[2] / "src" / "townsquare"
_SQL = re.compile(
    r"^\s*(--.*\n\s*)*(SELECT\b|INSERT INTO\b|UPDATE \w+|DELETE FROM\b|WITH (RECURSIVE )?\w+ (\([^)]*\) )?AS\b)"
    r"|^\s*(CREATE|ALTER|TRUNCATE) "
    r"|\b(FROM|JOIN|INTO) [a-z_]+\b.*\b(WHERE|ON|VALUES)\b",
    re.DOTALL,
)


class Statement(msgspec.Struct, frozen=True):
    """SQL, and where it stands: `statuses/store_read.py` and the function or the constant."""

    file: str
    name: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.name}"


def statements() -> list[Statement]:
    """All SQL of the source."""
    return [one for file in sorted(SOURCE.rglob("*.py")) for one in _of_file(file)]


def _of_file(file: Path) -> Iterator[Statement]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    where = str(file.relative_to(SOURCE))
    for node in tree.body:
        name = _name(node)
        for text in _texts(node):
            if _SQL.search(text):
                yield Statement(where, name, text)


def _name(node: ast.stmt) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return ""


def _texts(node: ast.AST) -> Iterator[str]:
    """String literals that are no docstrings; those that stand side by side with `+` as one."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return
        case ast.BinOp(op=ast.Add()):
            yield "".join(_joined(node))
            return
        case ast.Constant(value=str(text)):
            yield text
            return
        case ast.JoinedStr():
            yield _joined_text(node)
            return
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _texts(child)


def _joined(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _joined(left)
            yield from _joined(right)
        case ast.Name(id=name):
            yield f"{{{name}}}"
        case _:
            yield from _texts(node)


def _joined_text(node: ast.JoinedStr) -> str:
    parts: list[str] = []
    for value in node.values:
        match value:
            case ast.Constant(value=str(text)):
                parts.append(text)
            case ast.FormattedValue(value=ast.Name(id=name)):
                parts.append(f"{{{name}}}")
            case _:
                parts.append("{}")
    return "".join(parts)
