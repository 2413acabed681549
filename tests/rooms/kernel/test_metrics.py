"""Counting in one process, and adding up what several counted."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from townsquare.kernel import metrics
from townsquare.kernel.metrics import BOUNDS, Counted, Meter, Series


def counts(counted: Counted) -> dict[tuple[str, ...], int]:
    return {series.name: sum(series.classes) for series in counted.requests}


def test_durations_are_counted_by_class() -> None:
    meter = Meter()
    for seconds in (0.0, 0.001, 0.0011, 0.3, 60.0):
        meter.request("GET", "/x", 200, seconds)
    [series] = meter.counted({}).requests
    assert series.name == ("GET", "/x", "200")
    assert series.classes[0] == 2
    assert series.classes[1] == 1
    assert series.classes[BOUNDS.index(0.5)] == 1
    assert series.classes[-1] == 1
    assert series.seconds == pytest.approx(60.3021)


def test_made_up_methods_are_one_series() -> None:
    meter = Meter()
    for number in range(50):
        meter.request(f"M{number}", "", 405, 0.1)
    assert counts(meter.counted({})) == {("other", "", "405"): 50}


def ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_what_ended_processes_counted_is_kept_and_counted_once(tmp_path: Path) -> None:
    place = tmp_path / "metrics"
    metrics.settle(place)
    meter = Meter("web")
    meter.request("GET", "/x", 200, 0.1)
    other = ended()
    metrics.leave(place, meter.counted({}))
    metrics.leave(place, Counted("web", other, [Series(("GET", "/x", "200"), [2, *[0] * len(BOUNDS)], 0.2)]))
    before = metrics.total(metrics.left(place))
    assert counts(before) == {("GET", "/x", "200"): 3}
    for _ in range(2):
        metrics.settle(place)
        assert counts(metrics.total(metrics.left(place))) == {("GET", "/x", "200"): 3}
    # This process begins anew too: what was left under its number is of one before it.
    assert [one.part for one in metrics.left(place)] == ["ended"]


def test_copies_of_running_processes_are_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "metrics"
    metrics.settle(place)
    metrics.leave(place, Counted("web", os.getppid(), [Series(("GET", "/x", "200"))]))
    metrics.settle(place)
    assert [one.pid for one in metrics.left(place)] == [os.getppid()]


def test_a_copy_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    metrics.settle(tmp_path)
    (tmp_path / "77.json").write_bytes(b'{"part": 3')
    assert metrics.left(tmp_path) == []


async def test_a_process_leaves_its_last_figures_when_it_ends(tmp_path: Path) -> None:
    place, meter = tmp_path / "metrics", Meter("work")
    task = asyncio.create_task(metrics.keep(meter, place, lambda: {"connections_open": 2}))
    await asyncio.sleep(0)
    meter.job("StatusPosted", "done", 0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    [copy] = metrics.left(place)
    assert copy.part == "work"
    assert [series.name for series in copy.jobs] == [("StatusPosted", "done")]
    assert copy.gauges == {"connections_open": 2}


async def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "metrics").write_text("a file")
    task = asyncio.create_task(metrics.keep(Meter("web"), tmp_path / "metrics", dict))
    await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


def test_memory_of_a_process_is_told_where_the_system_tells_it() -> None:
    assert metrics.memory(os.getpid()) > 1_000_000
    assert metrics.memory(ended()) == 0
