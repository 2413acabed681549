"""What happens to signals, for whatever follows from it."""

from townsquare.jobs import Event


class SignalGiven(Event, frozen=True):
    """A program said something, or says it otherwise than before."""

    signal_id: int
