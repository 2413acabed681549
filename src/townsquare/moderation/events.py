"""What is decided, for whatever follows from it."""

from typing import Final

from townsquare.jobs import Event

BEGIN: Final = 2**63 - 1
"""No id is as large: before it stands all there is."""


class ReportFiled(Event, frozen=True):
    """Somebody reports somebody."""

    report_id: int


class FilesReported(Event, frozen=True):
    """Files of something are named by a report, a notice or a signal (`source_id`): sealed copies are to be kept."""

    queue = "evidence"

    source_id: int
    kind: str
    item_id: int


class Warned(Event, frozen=True):
    """Something was done about somebody of this place, and they are to be told."""

    account_id: int
    strike_id: int


class SensitivityChanged(Event, frozen=True):
    """From now on all posts of an account are shown as sensitive, or again as their author says.

    The latest first: they are what people see. `before`: the posts from this id on are done.
    """

    account_id: int
    before: int = BEGIN


class StandingChanged(Event, frozen=True):
    """An account was limited, or is not any more."""

    account_id: int


class FilesWithheld(Event, frozen=True):
    """An account was suspended, or is not any more: its files follow, the latest first.

    `before`: the media from this id on are done.
    """

    account_id: int
    before: int = BEGIN


class FileRestricted(Event, frozen=True):
    """Something else was decided about a file: it is not given out, or is again."""

    account_id: int
    media_id: int


class DomainStandingChanged(Event, frozen=True):
    """What the place blocks of a domain is something else now: the accounts there follow."""

    queue = "outside"

    domain: str
