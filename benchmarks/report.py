"""RESULTS.md: the figures beside the targets, and beside what a peer gave on such a machine."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from benchmarks.plan import Plan
from benchmarks.report_pages import told_of_pages
from benchmarks.report_profile import profiled
from benchmarks.shapes import Burst, Case, Cost, Group, Load, Results
from benchmarks.tables import count, lines_of, ms, part, percent, table


class Goal(msgspec.Struct, frozen=True):
    """What one kind of request should give, and what GoToSocial 0.20 gave; in requests a second."""

    what: str
    target: float
    peer: float | None = None


GOALS: Final[Mapping[str, Goal]] = {
    "home": Goal("home timeline", 7_500, 1_883),
    "public": Goal("public timeline", 7_500, 1_370),
    "status": Goal("one status", 12_000, 7_533),
    "account": Goal("an account's statuses", 7_500, 273),
    "notif": Goal("notifications", 6_000, 1_680),
    "search": Goal("search of all that one may see", 2_500, 2_238),
    "home_pages": Goal("home page, as a browser gets it", 1_500),
    "post": Goal("posts accepted", 1_200, 404),
}
SUSTAINED = Goal("posts sustained", 860, 8.6)
SLOWEST = 60.0
"""The most that p99 may be, in ms."""
MEMORY = 300.0
"""The most that all processes may hold at rest, in MB."""
FANOUT = ((199, "", "177 ms"), (10_000, "200 ms", "20.5 s"), (1_000_000, "1,000 ms", ""))
"""Followers, target, and what the peer gave."""


def told(chosen: Plan) -> dict[str, str]:
    """What was measured with how much, for those who read the figures."""
    return {
        "load": f"{chosen.pace.repeat} × {chosen.pace.duration} s after {chosen.pace.warmup} s, 32 connections",
        "service": f"`townsquare up --workers {chosen.workers}`, rate limits off, otherwise as it comes",
        "data": f"200 accounts that follow 100 each, {chosen.posts:,} posts, 600 favourites",
    }


def markdown(results: Results, seconds: float) -> str:
    """The whole page."""
    parts = [_head(results, seconds)]
    if results.loads:
        parts += [_loads(results), _cpu(results)]
    if results.pages is not None:
        parts.append(told_of_pages(results.pages))
    if results.bursts or results.visible is not None:
        parts.append(_posting(results))
    if results.cases:
        parts.append(_fanout(results.cases))
    if results.costs:
        parts.append(_costs(results.costs))
    if results.idle is not None or results.loaded:
        parts.append(_memory(results))
    if results.profile is not None:
        parts.append(profiled(results.profile))
    return "\n\n".join(parts) + "\n"


def _head(results: Results, seconds: float) -> str:
    here = results.machine
    facts = {
        "measured": f"{here.started}, in {seconds / 60:.0f} min",
        "commit": here.commit,
        "machine": f"{here.cpu}, {here.cores} cores, {here.memory_gb} GB; the load generator runs on it too",
        "system": f"{here.kernel}, Python {here.python}, PostgreSQL {here.postgres}",
        "load before": f"{here.load} (averages of 1, 5 and 15 minutes)",
        **results.plan,
    }
    return (
        "# What is measured\n\nWritten by `make bench`; [README.md](README.md) tells what it does. GoToSocial's "
        "figures are of the same driver and data on such a machine.\n\n" + table(("", ""), facts.items())
    )


def _loads(results: Results) -> str:
    rows = [_load_row(load) for load in results.loads]
    head = ("", "requests/s", "lowest to highest", "p50 ms", "p99 ms", "errors", "target", "of it", "GoToSocial")
    drained = results.drain
    after = (
        ""
        if drained is None
        else (f"\n\nAfter the posts the background work came to rest in {drained.seconds_until_idle:.0f} s.")
    )
    return part(
        "Requests",
        f"Medians of the runs. The p99 may be {SLOWEST:.0f} ms at most; errors are refusals, breaks and time-outs.",
        table(head, rows) + after,
    )


def _load_row(load: Load) -> Sequence[str]:
    goal = GOALS[load.what]
    return (
        goal.what,
        count(load.rps),
        f"{count(load.rps_min)} to {count(load.rps_max)}",
        ms(load.p50_ms),
        ms(load.p99_ms) + (" (too slow)" if load.p99_ms > SLOWEST else ""),
        str(load.errors),
        count(goal.target),
        percent(load.rps / goal.target),
        "" if goal.peer is None else count(goal.peer),
    )


def _cpu(results: Results) -> str:
    rows: list[Sequence[str]] = []
    for load, spent in zip(results.loads, results.spent, strict=True):
        wrk = load.cpu_cores.get("wrk", 0.0) / max(load.rps, 1) * 1e6
        own = [spent.us.get(name, 0.0) for name in ("web", "work", "pg")]
        each = [f"{one:,.0f}" for one in (*own, sum(own), wrk)]
        busy, steal = load.cpu_cores.get("all_busy", 0.0), load.cpu_cores.get("steal", 0.0)
        pulse = f"{spent.pulse[0]:.0f}, {spent.pulse[1]:.0f}"
        rows.append((GOALS[load.what].what, *each, f"{busy:.2f}", f"{steal:.2f}", pulse))
    head = ("", "web", "background", "PostgreSQL", "together", "wrk", "cores busy", "cores stolen", "pulse, ns")
    return part(
        "CPU time of a request",
        "In µs, by the processes that spend it. Stolen: what the machine's host gave to others meanwhile. Pulse: "
        "a step of a fixed piece of work (benchmarks/pulse.py) before the load and after it; two runs can be compared "
        "as far as it was the same.",
        table(head, rows),
    )


def _posting(results: Results) -> str:
    said: list[str] = []
    if results.bursts:
        said.append(_sustained(results.bursts))
    seen = results.visible
    if seen is not None:
        said.append(
            f"One post: answered after {ms(seen.post_p50_ms)} ms (p99 {ms(seen.post_p99_ms)}), in a follower's home "
            f"timeline after {ms(seen.visible_p50_ms)} ms (p99 {ms(seen.visible_p99_ms)}). GoToSocial: 55 ms (p99 78)."
        )
    return part("Posting", "", lines_of(said))


def _sustained(bursts: Sequence[Burst]) -> str:
    rate = statistics.median(burst.fanout_posts_per_s for burst in bursts)
    rows = statistics.median(burst.home_inserts_per_s for burst in bursts)
    return (
        f"Posts sustained, to 100 followers each: **{rate:,.0f} a second** ({rows:,.0f} timeline rows a second), "
        f"{percent(rate / SUSTAINED.target)} of the target of {SUSTAINED.target:,.0f}; GoToSocial {SUSTAINED.peer}. "
        f"Bursts of {bursts[0].n} posts by one connection, until the last is seen: "
        + ", ".join(f"{burst.last_visible_s:.2f} s" for burst in bursts)
        + "."
    )


def _fanout(cases: Iterable[Case]) -> str:
    goals = {followers: (target, peer) for followers, target, peer in FANOUT}
    rows: list[Sequence[str]] = []
    for case in cases:
        seen, missing = case.fanout, sum(run.missing for run in case.fanout.runs)
        target, peer = goals.get(case.followers, ("", ""))
        times = (ms(seen.last_ms), ms(seen.sweep_floor_ms))
        rows.append((count(case.followers), str(seen.polled), *times, str(missing), target, peer))
    head = ("followers", "asked", "last ms", "of it asking", "missing", "target", "GoToSocial")
    return part(
        "Fan-out",
        "From sending a post until the last of those who are asked has it in the home timeline; medians. They are "
        "spread evenly over all followers and asked one after another, the newest first: the fourth column is what one "
        "look at each of them takes when there is nothing to wait for.",
        table(head, rows),
    )


def _costs(costs: Sequence[Cost]) -> str:
    least = costs[0].post_ms or 1.0
    rows = [(count(cost.followers), ms(cost.post_ms), f"{cost.post_ms / least:.2f}", ms(cost.cpu_ms)) for cost in costs]
    head = ("followers", "answered after, ms", "times the first", "CPU time, ms")
    return part(
        "What a post costs",
        f"Medians of {costs[0].posts} posts by one author, each sent when the work of the last is done. The CPU time "
        "is of all processes, background work and what runs anyway included. Posts of an author with more followers "
        "than `home.push_bound` are pulled in when timelines are read; all others are pushed.",
        table(head, rows),
    )


def _memory(results: Results) -> str:
    idle = results.idle
    whole = 0.0 if idle is None else sum(one.pss_mb for one in idle.mem.values())
    loaded = {group.name: group for group in results.loaded}
    after = sum(group.pss_mb for group in results.loaded)
    at_rest = {group.name: group for group in results.groups}
    rows = [(name, *_held(at_rest.get(name)), *_held(loaded.get(name))) for name in at_rest | loaded]
    return part(
        "Memory at rest",
        f"**{whole:.0f} MB** of {MEMORY:.0f} ({percent(whole / MEMORY)}), after seeding and a rest; {after:.0f} MB at "
        "the end of all that was measured. It is the sum of the proportional set sizes of all processes, PostgreSQL's "
        "included. GoToSocial 137 MB.",
        table(("processes", "how many", "MB", "at the end", "MB"), rows),
    )


def _held(group: Group | None) -> tuple[str, str]:
    return ("", "") if group is None else (str(group.processes), f"{group.pss_mb:.0f}")
