"""What happens to juries, for whatever follows from it."""

from townsquare.jobs import Event


class JuryAsked(Event, frozen=True):
    """Whoever appeals wants a jury to look at it. `case_id`: of the appeal."""

    case_id: int
