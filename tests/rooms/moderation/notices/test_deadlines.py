"""By when a notice is to be decided: by who gives it and what it is about, the shorter of both."""

from datetime import timedelta

import pytest

from tests.rooms.moderation.cases.desk import NOW
from townsquare.kernel.settings import Deadlines
from townsquare.moderation.notices.model import Sender, due_at

SET = Deadlines(violence=2, terrorist=3, children=4, intimate=30, host=10, store=11, authority=12, flagger=13, other=99)
SET_LONGER = Deadlines(rights_holder=50, violence=60)


@pytest.mark.parametrize(
    ("sender", "policy", "hours"),
    [
        ("host", "fraud", 24),
        ("store", "fraud", 24),
        ("authority", "fraud", 24),
        ("flagger", "fraud", 24),
        ("rights_holder", "copyright", 72),
        ("person", "fraud", 168),
        ("host", "violent-threat", 1),
        ("authority", "terrorism", 1),
        ("person", "child-safety", 1),
        ("person", "intimate-image", 48),
        ("store", "intimate-image", 24),
    ],
)
def test_by_default(sender: Sender, policy: str, hours: int) -> None:
    assert due_at(sender, policy, Deadlines(), NOW) == NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("sender", "policy", "deadlines", "hours"),
    [
        ("host", "fraud", SET, 10),
        ("store", "fraud", SET, 11),
        ("authority", "fraud", SET, 12),
        ("flagger", "fraud", SET, 13),
        ("person", "fraud", SET, 99),
        ("person", "violent-threat", SET, 2),
        ("authority", "terrorism", SET, 3),
        ("person", "child-safety", SET, 4),
        ("person", "intimate-image", SET, 30),
        ("rights_holder", "copyright", SET_LONGER, 50),
        ("rights_holder", "violent-threat", SET_LONGER, 50),
    ],
)
def test_as_the_settings_say(sender: Sender, policy: str, deadlines: Deadlines, hours: int) -> None:
    assert due_at(sender, policy, deadlines, NOW) == NOW + timedelta(hours=hours)
