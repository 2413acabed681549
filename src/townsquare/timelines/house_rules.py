"""The rules of the place, in their order, also in other languages. One that has ended is kept for reports."""

from townsquare.db.pool import Tx
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.text import BadText, normalise, valid_language
from townsquare.kernel.words import Words
from townsquare.timelines import store_place as store

LENGTH = 300
HINT_LENGTH = 2000


async def add_rule(tx: Tx, text: str, hint: str = "") -> int:
    """A rule after all others; gives its id. Raises Invalid."""
    number = new_id()
    await store.insert_rule(tx, number, _checked("Text", text, LENGTH), _checked("Hint", hint, HINT_LENGTH, empty=True))
    return number


async def change_rule(
    tx: Tx, number: int, *, text: str | None = None, hint: str | None = None, position: int | None = None
) -> None:
    """What is not given stays. Raises NotFound, Invalid."""
    said = None if text is None else _checked("Text", text, LENGTH)
    why = None if hint is None else _checked("Hint", hint, HINT_LENGTH, empty=True)
    if not await store.update_rule(tx, number, said, why, position):
        raise NotFound("There is no rule with this id")


async def remove_rule(tx: Tx, number: int) -> None:
    """It does not hold any more. Raises NotFound."""
    if not await store.end_rule(tx, number):
        raise NotFound("There is no rule with this id")


async def translate_rule(tx: Tx, number: int, language: str, text: str, hint: str = "") -> None:
    """Say a rule in another language; an empty text takes that away. Raises NotFound, Invalid."""
    code = valid_language(language)
    if code is None:
        raise Invalid("Validation failed: Language is not the code of a language, such as en")
    if not text.strip():
        await store.delete_translation(tx, number, code)
        return
    said, why = _checked("Text", text, LENGTH), _checked("Hint", hint, HINT_LENGTH, empty=True)
    if not await store.put_translation(tx, number, code, said, why):
        raise NotFound("There is no rule with this id")


def _checked(name: str, text: str, most: int, *, empty: bool = False) -> str:
    try:
        line = " ".join(normalise(text).split())
    except BadText as error:
        raise Invalid(Words("Validation failed: %(name)s: %(wrong)s", name=name, wrong=error.words)) from error
    if not line and not empty:
        raise Invalid(Words("Validation failed: %(name)s can't be blank", name=name))
    if len(line) > most:
        raise Invalid(
            Words("Validation failed: %(name)s is too long (maximum is %(num)s characters)", name=name, num=most)
        )
    return line
