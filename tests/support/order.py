"""In which order tests run, and which of them in the same process, where there are several."""

import gc

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/web/", "tests/clients/")
"""Folders whose tests share a service that takes long to start. Of the others, those of a file run together."""
LONG = (*TOGETHER, "tests/api/test_schemathesis.py", "tests/rooms/cli/", "tests/properties/", "tests/rooms/media/")
"""These begin first, so that at the end no process waits for another that has just begun with them."""


class _Together(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid.partition("::")[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return _Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # schemathesis names the route in a way that pytest 9.2 has given up.
        if item.id.params is None and "[" in item.name:
            item._id = item.id.with_params(item.name.partition("[")[2].removesuffix("]"))
    items.sort(key=_place)


def pytest_collection_finish(session: pytest.Session) -> None:
    assert len({item.nodeid for item in session.items}) == len(session.items), "of tests with one name only one is run"
    # The code of all tests stays to the end: nobody need look for garbage in it again and again.
    gc.collect()
    gc.freeze()


def _place(item: pytest.Item) -> int:
    return next((place for place, one in enumerate(LONG) if item.nodeid.startswith(one)), len(LONG))
