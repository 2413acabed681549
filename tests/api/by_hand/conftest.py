"""A place that sends mail, with somebody of its staff."""

import pytest

from tests.api.by_hand.acting import STAFF
from tests.support.square import Person, Square


@pytest.fixture
def square(mailing: Square) -> Square:
    return mailing


@pytest.fixture
async def mod(square: Square) -> Person:
    return await square.person("mod", STAFF, role="moderator")
