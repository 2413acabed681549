"""What becomes of cases, for whatever follows from it."""

from townsquare.jobs import Event


class CaseDecided(Event, frozen=True):
    """It takes effect: on each item what `case_items.action` says (`applied_at` is empty until it has).

    Emitted again where something joins a case that was decided before, and is decided the same way.
    """

    case_id: int
    round: int


class AccountEnded(Event, frozen=True):
    """What a round of a case says of an account does not hold any more: somebody has ended that, or its time has."""

    case_id: int
    round: int
    account_id: int


class AppealSettled(Event, frozen=True):
    """What the case of an appeal says takes effect from now on: in the place of what it contests, or not at all."""

    case_id: int
    round: int


class CaseHeld(Event, frozen=True):
    """Its open items are shown to nobody until it is decided: a second pair of eyes is to confirm what is heavy."""

    case_id: int
    round: int


class HoldLapsed(Event, frozen=True):
    """Its open items are not held any more, though nobody has looked at them: it took too long."""

    case_id: int
    round: int


class TagRestricted(Event, frozen=True):
    """A hashtag is hidden, or is not any more: what is in the store says which."""

    name: str


class StrikesReached(Event, frozen=True):
    """With this strike so many of somebody count that what they wrote is looked at, under the policy of its case."""

    account_id: int
    strike_id: int
    case_id: int
    policy: str


class ThingGivenBack(Event, frozen=True):
    """What a round of a case had decided of one thing is to be taken back, and of nothing else in it. It stands in a
    case of its own (`apart_id`) from now on.
    """

    case_id: int
    round: int
    apart_id: int
    kind: str
    owner_id: int
    item_id: int


class CaseUndone(Event, frozen=True):
    """What the round had decided is to be taken back from the items, counters and strikes included."""

    case_id: int
    round: int
