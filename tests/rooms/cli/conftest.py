"""One service for all tests that leave it running."""

from collections.abc import Generator

import pytest

from tests.live import Live, live


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Generator[Live]:
    """A service that runs, with one process for requests."""
    with live(tmp_path_factory.mktemp("service") / "data", "--workers", "1") as running:
        yield running
