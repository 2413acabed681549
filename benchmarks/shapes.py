"""What is measured: what the load driver prints, a line of JSON each, and what we measure beside it."""

import msgspec


class Load(msgspec.Struct, frozen=True):
    """Requests by 32 connections for a while. Medians of the runs; times in ms; `cpu_cores`: CPU seconds a second."""

    what: str
    rps: float
    rps_min: float
    rps_max: float
    p50_ms: float
    p99_ms: float
    errors: int
    requests: int
    cpu_cores: dict[str, float]
    body_bytes: int | None = None


class Memory(msgspec.Struct, frozen=True):
    """`pss_mb`: proportional set size, in which what processes share counts once."""

    rss_mb: float
    pss_mb: float


class Idle(msgspec.Struct, frozen=True):
    mem: dict[str, Memory]


class Visible(msgspec.Struct, frozen=True):
    """From sending a post until it is answered, and until a follower's home timeline shows it."""

    n: int
    post_p50_ms: float
    post_p99_ms: float
    visible_p50_ms: float
    visible_p99_ms: float


class Drain(msgspec.Struct, frozen=True):
    """What the writes left for the background work."""

    seconds_until_idle: float


class FanoutRun(msgspec.Struct, frozen=True):
    post_ms: float
    first_ms: float | None
    last_ms: float | None
    missing: int
    cpu_s: dict[str, float]


class Fanout(msgspec.Struct, frozen=True):
    """Until the last of the followers who were polled sees a post; the floor is what one look at each of them takes."""

    polled: int
    last_ms: float
    sweep_floor_ms: float
    runs: list[FanoutRun]


class Burst(msgspec.Struct, frozen=True):
    """Posts sent as fast as one connection can, until the last is seen."""

    n: int
    post_s: float
    last_visible_s: float
    fanout_posts_per_s: float
    home_inserts_per_s: int


class Case(msgspec.Struct, frozen=True):
    """A fan-out, with how many really follow."""

    followers: int
    fanout: Fanout


class Cost(msgspec.Struct, frozen=True):
    """What a post costs its author and the machine. Medians, in ms; the CPU time is that of all processes together."""

    followers: int
    posts: int
    post_ms: float
    cpu_ms: float


class Batch(msgspec.Struct, frozen=True):
    """The two queries of a home timeline for so many readers at once; medians, in ms."""

    readers: int
    keys_ms: float
    posts_ms: float


class Share(msgspec.Struct, frozen=True):
    """A part of the web processes' time, from 0 to 1."""

    name: str
    share: float


class Profile(msgspec.Struct, frozen=True):
    batches: list[Batch]
    plans: dict[str, str]
    """By what they bring: PostgreSQL's plan with its times."""
    held: float
    """The part of the time in which a web process runs Python, from 0 to 1."""
    rooms: list[Share]
    functions: list[Share]
    missing: str
    """Why there are no rooms and functions; empty where there are."""


class Group(msgspec.Struct, frozen=True):
    """Processes of one name at rest."""

    name: str
    processes: int
    pss_mb: float


class Machine(msgspec.Struct, frozen=True):
    """Where and of what the measurement is."""

    started: str
    commit: str
    cpu: str
    cores: int
    memory_gb: float
    kernel: str
    python: str
    postgres: str
    load: str
    """The system's load averages before anything was started."""


class Spent(msgspec.Struct, frozen=True):
    """CPU time of one request, in µs by part of the service. `pulse`: see pulse.py, before the load and after it."""

    what: str
    us: dict[str, float]
    pulse: tuple[float, float] = (0.0, 0.0)


class PageSize(msgspec.Struct, frozen=True):
    """A page as it is answered: milliseconds; bytes as they are, and as they are sent; how many posts stand on it."""

    name: str
    ms: float
    plain: int
    sent: int
    posts: int


class PageSeen(msgspec.Struct, frozen=True):
    """A page as it is seen. `what` is largest on it: an element; `shift`: how far it moved, 0 for not at all;
    `applied_ms`: until the largest is there over the line APPLIED (pages_seen.py).
    """

    name: str
    fcp_ms: float
    lcp_ms: float
    applied_ms: float
    what: str
    shift: float
    blocked_ms: float
    bytes: int
    requests: int


class Pages(msgspec.Struct, frozen=True):
    first_ms: float
    first_p95_ms: float
    sizes: list[PageSize]
    files: dict[str, int]
    """Bytes of style sheets and scripts, as they are sent."""
    seen: list[PageSeen] = []
    looks: int = 0
    missing: str = ""
    """Why nothing was seen; empty where it was."""


class Results(msgspec.Struct):
    """All of it; a part that was not asked for is empty."""

    machine: Machine
    plan: dict[str, str]
    loads: list[Load] = []
    spent: list[Spent] = []
    drain: Drain | None = None
    idle: Idle | None = None
    groups: list[Group] = []
    visible: Visible | None = None
    bursts: list[Burst] = []
    cases: list[Case] = []
    costs: list[Cost] = []
    profile: Profile | None = None
    pages: Pages | None = None
    loaded: list[Group] = []
    """Memory after all loads."""
