"""What a button tells, and what is asked of whoever presses one that cannot be taken back: by the script where the
button is, without one by a page.
"""

from collections.abc import Mapping

import msgspec

from townsquare.kernel.http.answer import Answer
from townsquare.web.door.visitor import Visitor, page


class Back(msgspec.Struct, frozen=True):
    """Where the button was."""

    next: str = ""


class Sure(msgspec.Struct, frozen=True):
    """Said by the page that asks, or by the script that asked already."""

    sure: bool = False
    next: str = ""


class Question(msgspec.Struct, frozen=True):
    """What is asked, with `about` in it; what follows from a yes; the word on the button; and where a no leads."""

    heading: str
    words: str
    verb: str
    back: str
    about: Mapping[str, str] = {}


async def ask(visitor: Visitor, question: Question, **fields: str) -> Answer:
    """A page that sends the same form again, with `fields`, when the person is sure."""
    return await page(visitor, "ask.html", question=question, fields=fields, to=visitor.path)
