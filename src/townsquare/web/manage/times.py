"""Moments as browsers write them in a form (`datetime-local`), in the zone of whoever fills it in."""

from datetime import datetime, tzinfo

from townsquare.kernel.errors import Invalid


def moment_of(text: str, zone: tzinfo) -> datetime | None:
    """None for an empty field. Raises Invalid."""
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid("A time is written as 2027-01-31T18:00") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def field_of(moment: datetime | None, zone: tzinfo) -> str:
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"
