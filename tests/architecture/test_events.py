"""Nothing that happens is left in the queue: each kind of event stands in the one table of what follows from it."""

import importlib
import pkgutil

import townsquare
from tests.support.square import Square
from townsquare.effects import PARTS, effects
from townsquare.jobs import Event


def kinds() -> set[type[Event]]:
    """All events of the source, wherever they are written down."""
    for module in pkgutil.walk_packages(townsquare.__path__, "townsquare."):
        importlib.import_module(module.name)
    return {kind for kind in Event.__subclasses__() if kind.__module__.startswith("townsquare.")}


def test_each_kind_of_event_has_its_line_in_the_table(square: Square) -> None:
    assert effects(square.services).keys() == kinds()


def test_no_kind_stands_in_two_parts_of_the_table(square: Square) -> None:
    assert sum(len(part(square.services)) for part in PARTS) == len(effects(square.services))


def test_no_two_kinds_share_the_name_that_they_have_in_the_queue() -> None:
    names = sorted(kind.__name__ for kind in kinds())
    assert len(names) > 20, "the events are not found any more"
    assert names == sorted(set(names))
