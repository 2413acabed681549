"""People of these tests, each signed in by an app and without anything yet."""

import pytest

from tests.support.square import Person, Square


@pytest.fixture
async def ann(square: Square) -> Person:
    return await square.person("ann")


@pytest.fixture
async def ben(square: Square) -> Person:
    return await square.person("ben")


@pytest.fixture
async def cleo(square: Square) -> Person:
    return await square.person("cleo")


@pytest.fixture
async def cat(square: Square) -> Person:
    return await square.person("cat")
