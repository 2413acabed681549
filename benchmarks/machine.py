"""Where a measurement was made, and of what."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.shapes import Machine

HERE = Path(__file__).parent


def describe(postgres: str, load: str) -> Machine:
    """This machine and the commit that is checked out. `load`: the load averages before the start."""
    return Machine(
        started=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        commit=commit(),
        cpu=_after("/proc/cpuinfo", "model name"),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(int(_after("/proc/meminfo", "MemTotal").split()[0]) / 1024**2, 1),
        kernel=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        postgres=postgres,
        load=load,
    )


def load() -> str:
    """Load averages of 1, 5 and 15 minutes."""
    return ", ".join(f"{average:.2f}" for average in os.getloadavg())


def _after(file: str, key: str) -> str:
    for line in Path(file).read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "unknown"


def commit() -> str:
    """Of which version the code is, and whether it was changed since."""
    known = _git("rev-parse", "--short=12", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "src", "requirements")
    return (known or "not a checkout") + (" with changes that are not committed" if changed else "")


def _git(*arguments: str) -> str:
    answer = subprocess.run(("git", *arguments), cwd=HERE.parent, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else ""
