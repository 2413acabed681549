"""One language of the pages: says a marked sentence in it, and writes dates, numbers and lists as it does."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from gettext import NullTranslations

import msgspec

from townsquare.kernel.words.formats import Formats
from townsquare.kernel.words.marks import Words

PREFIX = "Validation failed: "
"""With what sentences begin that apps show as they are; pages leave it out, and so do the catalogues."""


def same(text: str) -> str:
    return text


class Tongue(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    formats: Formats
    catalogue: NullTranslations
    dress: Callable[[str], str] = same
    """What else is done to each sentence; pseudo-locales use it."""

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return self.formats.name

    @property
    def direction(self) -> str:
        return self.formats.direction

    def gettext(self, text: str) -> str:
        """A marked sentence, its placeholders as they are."""
        return self.dress(self.catalogue.gettext(text)) if text else ""

    def ngettext(self, one: str, many: str, num: int) -> str:
        return self.dress(self.catalogue.ngettext(one, many, num))

    def pgettext(self, context: str, text: str) -> str:
        return self.dress(self.catalogue.pgettext(context, text))

    def npgettext(self, context: str, one: str, many: str, num: int) -> str:
        return self.dress(self.catalogue.npgettext(context, one, many, num))

    def say(self, text: str, **values: object) -> str:
        """A sentence for its reader: marked somewhere, or Words with their values. What is not marked stays."""
        if isinstance(text, Words):
            template = text.template.removeprefix(PREFIX)
            found = (
                self.ngettext(template, text.many.removeprefix(PREFIX), int(str(text.values["num"])))
                if text.many
                else self.gettext(template)
            )
            return found % self.filled(text.values)
        found = self.gettext(text.removeprefix(PREFIX))
        return found % self.filled(values) if values else found

    def filled(self, values: Mapping[str, object]) -> dict[str, object]:
        """Values as they stand in a sentence."""
        return {name: self.value(value) for name, value in values.items()}

    def value(self, value: object) -> object:
        """A number with its digits grouped, Words translated, the rest as it is."""
        if isinstance(value, Words):
            return self.say(value)
        return self.formats.number(value) if type(value) is int else value

    def join(self, items: Sequence[str]) -> str:
        return self.formats.join(items)

    def moment(self, at: datetime, zone: tzinfo | None) -> str:
        """Day and time, where somebody is; UTC where that is not known."""
        formats, at = self.formats, at.astimezone(zone or UTC)
        shown = formats.date_and_time.replace("{1}", formats.date).replace("{0}", formats.time)
        return formats.written(shown, at) + ("" if zone else " UTC")

    def clock(self, at: datetime, zone: tzinfo | None) -> str:
        """The time alone, where somebody is; UTC where that is not known."""
        return self.formats.written(self.formats.time, at.astimezone(zone or UTC)) + ("" if zone else " UTC")

    def day(self, at: datetime, zone: tzinfo | None) -> str:
        return self.formats.written(self.formats.long_date, at.astimezone(zone or UTC))
