"""Finds the route of a path in as many steps as it has segments, however many routes there are."""

from collections.abc import Iterable, Mapping
from typing import Generic, Protocol, TypeVar


class Routable(Protocol):
    """`path` as Mastodon's documentation writes it: `/api/v1/statuses/:id`; a last `*rest` takes all that is left."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...


R = TypeVar("R", bound=Routable)


class _Node(Generic[R]):
    __slots__ = ("fixed", "names", "rest", "routes", "variable")

    def __init__(self) -> None:
        self.fixed: dict[str, _Node[R]] = {}
        self.variable: _Node[R] | None = None
        self.rest: _Node[R] | None = None
        self.routes: dict[str, R] = {}
        self.names: dict[str, tuple[str, ...]] = {}


class Found(Generic[R]):
    """`route` is None when the path exists, but not for this method; `allowed` then says for which."""

    __slots__ = ("allowed", "route", "values")

    def __init__(self, route: R | None, values: Mapping[str, str], allowed: tuple[str, ...] = ()) -> None:
        self.route = route
        self.values = values
        self.allowed = allowed


class Router(Generic[R]):
    """Fixed segments are preferred to variable ones, whatever the order of the routes."""

    def __init__(self, routes: Iterable[R]) -> None:
        self._root: _Node[R] = _Node()
        for route in routes:
            self._add(route)

    def _add(self, route: R) -> None:
        node, names = self._root, list[str]()
        for segment in route.path.strip("/").split("/"):
            if segment.startswith("*"):
                names.append(segment[1:])
                node.rest = node = node.rest or _Node()
            elif segment.startswith(":"):
                names.append(segment[1:])
                node.variable = node = node.variable or _Node()
            else:
                node = node.fixed.setdefault(segment, _Node())
        if route.method in node.routes:
            raise ValueError(f"{route.method} {route.path} stands twice")
        node.routes[route.method] = route
        node.names[route.method] = tuple(names)

    def find(self, method: str, path: str) -> Found[R] | None:
        """The route of a request, or None where no route has the path. HEAD is answered by GET."""
        values: list[str] = []
        node = _walk(self._root, path.strip("/").split("/"), 0, values)
        if node is None:
            return None
        wanted = method if method in node.routes or method != "HEAD" else "GET"
        route = node.routes.get(wanted)
        if route is None:
            return Found(None, {}, tuple(node.routes))
        return Found(route, dict(zip(node.names[wanted], values, strict=True)) if values else {})


def _walk(node: _Node[R], segments: list[str], at: int, values: list[str]) -> _Node[R] | None:
    if at == len(segments):
        return node if node.routes else None
    segment = segments[at]
    fixed = node.fixed.get(segment)
    if fixed is not None:
        found = _walk(fixed, segments, at + 1, values)
        if found is not None:
            return found
    if node.variable is not None and segment:
        values.append(segment)
        found = _walk(node.variable, segments, at + 1, values)
        if found is not None:
            return found
        values.pop()
    if node.rest is not None:
        values.append("/".join(segments[at:]))
        return node.rest
    return None
