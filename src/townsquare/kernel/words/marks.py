"""How a sentence is marked, so that the catalogues get it and whoever shows it can translate it."""

from collections.abc import Mapping
from typing import LiteralString, Self


def N_(text: str) -> str:
    """Marks a constant. It is translated when it is shown."""
    return text


class Words(str):
    """A sentence with values in it: English by itself, which is what apps get; a page says it in its reader's language.

    `Words("At most %(num)s characters", num=500)`. A value may be Words too.
    """

    __slots__ = ("many", "template", "values")
    template: str
    many: str
    """The template where `num` is not one, of a sentence that needs two."""
    values: Mapping[str, object]

    def __new__(cls, template: LiteralString, /, **values: object) -> Self:
        return cls._made(template, "", values)

    @classmethod
    def plural(cls, one: LiteralString, many: LiteralString, num: int, /, **values: object) -> Self:
        """A sentence that depends on a number, which stands in it as `%(num)s`."""
        return cls._made(one, many, {"num": num, **values})

    @classmethod
    def _made(cls, template: str, many: str, values: Mapping[str, object]) -> Self:
        chosen = many if many and values["num"] != 1 else template
        made = super().__new__(cls, chosen % values)
        made.template, made.many, made.values = template, many, values
        return made
