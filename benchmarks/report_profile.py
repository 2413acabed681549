"""The chapter of RESULTS.md that tells where the time goes."""

from collections.abc import Sequence

from benchmarks.shapes import Batch, Profile
from benchmarks.tables import lines_of, part, percent, table


def profiled(found: Profile) -> str:
    """Of one home timeline, the request that is asked for most."""
    said = [_code(found), _batches(found.batches), *_plans(found)]
    return part(
        "Where the time goes",
        "By the kind of process it stands above. Here is what happens inside them while home timelines are read.",
        lines_of(said),
    )


def _code(found: Profile) -> str:
    if found.missing:
        return f"**Python code**: not known, for {found.missing}"
    functions = [(one.name, percent(one.share)) for one in found.functions]
    rooms = ", ".join(f"{percent(one.share)} {one.name}" for one in found.rooms)
    return (
        f"**Python** runs {percent(found.held)} of the time in one worker; by whose code: {rooms}. The functions in "
        "which it is most often follow; what they call in compiled code is theirs. So asyncpg's `_do_execute` is the "
        "sending of a query, which wakes a process of PostgreSQL, and `Gathering.flush` that of an answer.\n\n"
        + table(("function", "share"), functions)
    )


def _batches(batches: Sequence[Batch]) -> str:
    rows = [
        (
            str(batch.readers),
            f"{batch.keys_ms:.2f}",
            f"{batch.posts_ms:.2f}",
            f"{(batch.keys_ms + batch.posts_ms) / batch.readers * 1000:,.0f}",
        )
        for batch in batches
    ]
    return (
        "**The two queries** by the number of readers that one of each answers (docs/decisions/002), as one connection "
        "sees them with nothing else going on:\n\n"
        + table(("readers", "keys ms", "posts ms", "both, µs a reader"), rows)
    )


def _plans(found: Profile) -> list[str]:
    return [f"PostgreSQL's plan for {name} (four readers):\n\n```\n{plan}\n```" for name, plan in found.plans.items()]
