"""What the tests in this folder try of a client, read from their source: so it is known however many of them run."""

import ast
from collections.abc import Iterator
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def methods() -> set[str]:
    """The methods that are asked of a `Client`, and of `Mastodon` itself."""
    return {
        node.attr
        for names, body in _functions("Client")
        for node in ast.walk(body)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in {*names, "Mastodon"}
    }


def commands() -> set[str]:
    """The words with which a `Toot` is called, as far as they are written there: `tags follow gardening`."""
    return {
        " ".join(_words(node))
        for names, body in _functions("Toot")
        for node in ast.walk(body)
        if isinstance(node, ast.Call) and _called(node.func) in names
    }


def _functions(kind: str) -> Iterator[tuple[set[str], Function]]:
    """Every function here, with the names in it that are declared to be of this kind."""
    for file in sorted(Path(__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, FUNCTIONS):
                yield set(_declared(node, kind)), node


def _declared(function: Function, kind: str) -> Iterator[str]:
    given = function.args
    for one in (*given.posonlyargs, *given.args, *given.kwonlyargs):
        if one.annotation is not None and ast.unparse(one.annotation) == kind:
            yield one.arg
    for node in ast.walk(function):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if ast.unparse(node.annotation) == kind:
                yield node.target.id
        elif isinstance(node, ast.Assign) and _is_made_of(node.value, kind):
            yield from (one.id for one in node.targets if isinstance(one, ast.Name))


def _is_made_of(value: ast.expr, kind: str) -> bool:
    """`Toot(…)` or `Toot.logged_in(…)`."""
    return isinstance(value, ast.Call) and kind in (_called(value.func), ast.unparse(value.func))


def _called(function: ast.expr) -> str:
    """`alice` of `alice(…)` and of `alice.json(…)`."""
    inner = function.value if isinstance(function, ast.Attribute) else function
    return inner.id if isinstance(inner, ast.Name) else ""


def _words(call: ast.Call) -> Iterator[str]:
    for word in call.args:
        if not (isinstance(word, ast.Constant) and isinstance(word.value, str)):
            return
        yield word.value
