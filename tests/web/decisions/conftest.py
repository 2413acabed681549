"""A place that sends mail, whoever wrote what is reported, and whoever reports it."""

import pytest

from tests.support.square import Square
from tests.web.visitor import Visitor, visitor

THREAT = "I will find every one of them <script>"


@pytest.fixture
def square(mailing: Square) -> Square:
    return mailing


@pytest.fixture
async def ann(square: Square) -> Visitor:
    """Whose post is reported."""
    return await visitor(square, "ann")


@pytest.fixture
async def ben(square: Square) -> Visitor:
    """Who reports it."""
    return await visitor(square, "ben")


@pytest.fixture
async def case_id(square: Square, ann: Visitor, ben: Visitor) -> int:
    """The case of ann's post, which ben has reported."""
    post = await ann.post(THREAT)
    await square.settle()
    target = await square.db.value("SELECT id FROM accounts WHERE username = 'ann'")
    sent = await ben.send(
        "/report", page=f"/report?post={post}", account=str(target), posts=[post], category="other", comment="A threat"
    )
    assert sent.status_code in (200, 303), sent.text
    await square.settle()
    return await square.db.value("SELECT id FROM cases")
