"""Replay 98 notices of a host, by a clock of its own: `python -m benchmarks.notices [--seeds N]`. Writes NOTICES.md.

Each seed is run twice: by reviewers who are never wrong, of whom the bounds are asked, and by some who are wrong one
time in twenty, so that it can be seen what their errors cost. Each run is kept in a file, from which an interrupted
measurement goes on.

The service runs in this process on a PostgreSQL of its own: messages are taken from a folder, forms and programs come
over its doors, what follows is done by its effects, mail goes to a mail server, and who reads along asks its API. Made
up are who decides (three reviewers at 60 reviews an hour, day and night), what else there is to decide, and the time.
The last line is JSON.
"""

import argparse
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, Final

import asyncpg
import msgspec
import time_machine
import uvloop

from benchmarks import notice_letters
from benchmarks.notice_letters import Sent
from tests.support.smtp import MailServer, mail_server
from tests.support.square import SETTINGS, Person, Square, town
from tests.web.visitor import Visitor
from townsquare.db.launcher import find_binaries, start, stop
from townsquare.db.migrate import migrate
from townsquare.db.pool import Database
from townsquare.kernel import keyring, logs
from townsquare.kernel.settings import Log, Mail, Notices
from townsquare.moderation import audit
from townsquare.moderation.cases import queue
from townsquare.moderation.cases.decide import decide
from townsquare.moderation.cases.model import Case, Review
from townsquare.moderation.cases.roles import Reviewer
from townsquare.moderation.model import Actor
from townsquare.moderation.notices import follow, keys, mail

TARGET: Final = Path(__file__).with_name("NOTICES.md")
BEGIN: Final = datetime(2026, 1, 9, 9, tzinfo=UTC)
STEP: Final = timedelta(seconds=20)
"""One of three reviewers is done with one case in each."""
REVIEWERS: Final = 3
ERRORS: Final[Mapping[float, str]] = {
    0.0: "Reviewers who are never wrong",
    0.05: "Reviewers who are wrong one time in twenty",
}
BACKLOG: Final = 150
"""Reports of people that wait when the first notice comes,"""
AN_HOUR: Final = 20
"""and how many more come in an hour."""
PEOPLE: Final = 150
LONGEST: Final = timedelta(hours=60)
MOST: Final[Mapping[str, float]] = {
    "acknowledged_p100_min": 5,
    "violating_gone_p100_min": 60,
    "answered_with_evidence_p100_h": 24,
    "lost": 0,
    "missed": 0,
    "wrongly_removed": 0,
}
"""What is wanted of the service, where nobody errs: `missed` and `wrongly_removed` are a reviewer's else."""
FLEETING: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "logging_collector": "off"}
POLICIES: Final = ("hate", "harassment", "fraud", "graphic", "spam")
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Of the violating posts that were named some are `gone`, and some `missed`: those who decide were wrong, and left
    them. `wrongly_removed`: posts that violate nothing.
    """

    notices: int
    acknowledged_p100_min: float
    violating_gone_p50_min: float
    violating_gone_p100_min: float
    answered_with_evidence_p50_h: float
    answered_with_evidence_p100_h: float
    lost: int
    violating_named: int
    violating_gone: int
    missed: int
    wrongly_removed: int
    decisions: int
    other_reports: int


class Run(msgspec.Struct, frozen=True):
    """One replay, and what became of it. `error`: how often a reviewer is wrong."""

    seed: int
    error: float
    result: Result


class Known(msgspec.Struct):
    """What is seen from outside of a notice."""

    sent: Sent
    at: datetime
    notice_id: int = 0
    acknowledged: datetime | None = None
    answered: datetime | None = None


class Replay:
    """One run."""

    def __init__(
        self, square: Square, server: MailServer, folder: Path, traveller: Any, seed: int, error: float
    ) -> None:
        self.square = square
        self.server = server
        self.folder = folder
        self.traveller = traveller
        self.chance = Random(seed)
        self.error = error
        self.now = BEGIN
        self.truths: dict[int, str | None] = {}
        """By post: which policy it breaks."""
        self.noticed: dict[int, datetime] = {}
        """Violating posts that were named, and when first."""
        self.gone: dict[int, datetime] = {}
        self.staff: list[Reviewer] = []
        self.decisions = 0
        self.reports = 0
        self.read = 0

    def travel(self, to: datetime) -> None:
        self.now = to
        self.traveller.move_to(to)

    # What there is

    async def prepare(self) -> tuple[list[str], list[str]]:
        """People, what they post, and what is reported of it already; the addresses of what a host will name."""
        self.people = [await self.square.person(f"person{number}") for number in range(PEOPLE)]
        self.staff = [await self.reviewer(f"reviewer{number}") for number in range(REVIEWERS)]
        self.reporters = [await self.square.person(f"reporter{number}") for number in range(8)]
        violating = [await self.post("violent-threat") for _ in range(notice_letters.VIOLATING + 16)]
        fine = [await self.post(None) for _ in range(notice_letters.FINE)]
        for _ in range(BACKLOG):
            await self.report()
        await self.square.settle()
        return violating, fine

    async def reviewer(self, name: str) -> Reviewer:
        """Somebody of the staff who may have the last word."""
        one = await self.square.person(name, role="moderator")
        await self.square.db.execute("INSERT INTO desk_members (account_id, role) VALUES ($1, 'senior')", one.id)
        return Reviewer(one.id, f"@{name}", "senior")

    async def post(self, policy: str | None) -> str:
        """Its address."""
        author = self.people[len(self.truths) % PEOPLE]
        made = await author.post("/api/v1/statuses", status=self.text())
        self.truths[int(made["id"])] = policy
        return f"{SETTINGS.public_url}/@{author.username}/{made['id']}"

    def text(self) -> str:
        """Like no other."""
        return " ".join("".join(self.chance.choices(LETTERS, k=6)) for _ in range(10))

    async def report(self) -> None:
        """Somebody reports something; half of what is reported breaks a rule."""
        policy = self.chance.choice(POLICIES) if self.chance.random() < 0.5 else None
        url = await self.post(policy)
        by: Person = self.chance.choice(self.reporters)
        post = await by.get(f"/api/v1/statuses/{url.rpartition('/')[2]}")
        category = "spam" if policy == "spam" else self.chance.choice(["other", "legal"])
        await by.post("/api/v1/reports", account_id=post["account"]["id"], status_ids=[post["id"]], category=category)
        self.reports += 1

    # What comes

    async def send(self, one: Sent, at: datetime, token: str) -> Known:
        known = Known(one, at)
        for url in one.posts:
            number = int(url.rpartition("/")[2])
            if self.truths[number]:
                self.noticed.setdefault(number, at)
        match one.way:
            case "mail":
                (self.folder / f"{one.number:03}.eml").write_bytes(one.raw)
            case "form":
                known.notice_id = await self.by_form(one)
            case "api":
                answer = await self.square.http.post(
                    "/api/v1/notices",
                    headers={"authorization": f"Bearer {token}"},
                    json={"reason": one.reason, "urls": list(one.urls), "reference": f"T-{one.number}"},
                )
                known.notice_id = int(answer.json()["id"]) if answer.is_success else 0
        return known

    async def by_form(self, one: Sent) -> int:
        given = {"kind": "illegal", "sender": "person", "name": "Trust and Safety", "sure": "true"}
        email = f"abuse{one.number}@{notice_letters.HOST}"
        answer = await Visitor(self.square).send(
            "/report-illegal", page="/report-illegal", urls="\n".join(one.urls), reason=one.reason, email=email, **given
        )
        if answer.status_code != 303:
            return 0
        return await self.square.db.value("SELECT max(id) FROM notices WHERE way = 'form'")

    async def identify(self, known: Sequence[Known]) -> None:
        """Which notice a message became: the message itself is kept with it."""
        for one in known:
            if not one.notice_id and one.sent.way == "mail":
                found = await self.square.db.value(
                    "SELECT notice_id FROM notice_files WHERE digest = sha256($1) LIMIT 1", one.sent.raw
                )
                one.notice_id = found or 0

    # What is done about it

    async def review(self, reviewer: Reviewer) -> bool:
        """One case; False where there is none."""
        db = self.square.db
        async with db.transaction() as tx:
            case = await queue.next_case(tx, reviewer, self.now)
        if case is None:
            return False
        (lead, *_) = await db.records(
            "SELECT kind, item_id FROM case_items WHERE case_id = $1 ORDER BY similarity DESC, joined_at, item_id",
            case.id,
        )
        async with db.transaction() as tx:
            await decide(tx, reviewer, case.id, self.judgement(case, lead["kind"], lead["item_id"]), self.now)
        self.decisions += 1
        await self.square.settle()
        await self.look(case.id)
        return True

    def judgement(self, case: Case, kind: str, number: int) -> Review:
        truth = self.truths[number] if kind == "status" else None
        violates = (truth is not None) != (kind == "status" and self.chance.random() < self.error)
        return Review(policy=truth or case.policy, action="remove" if violates else "none", seconds=60)

    async def look(self, case_id: int) -> None:
        """Whether what a case is about is gone for those who read along."""
        for record in await self.square.db.records("SELECT item_id FROM case_items WHERE case_id = $1", case_id):
            number = record["item_id"]
            if number in self.truths and number not in self.gone:
                answer = await self.square.http.get(f"/api/v1/statuses/{number}")
                if answer.status_code == 404:
                    self.gone[number] = self.now

    def hear(self, known: Sequence[Known]) -> None:
        """What the host has in its letter box."""
        for message in self.server.messages[self.read :]:
            name = str(message["Message-ID"]).partition("@")[0]
            for one in known:
                if name == f"<notice-{one.notice_id}-receipt":
                    one.acknowledged = one.acknowledged or self.now
                if name == f"<notice-{one.notice_id}-answer" and proves(message, one.sent):
                    one.answered = one.answered or self.now
        self.read = len(self.server.messages)
        for one in known:
            # What comes a second time belongs to a notice that has its receipt.
            sent = next((other for other in known if other.notice_id == one.notice_id and other.acknowledged), None)
            if sent is not None and one.notice_id and one.acknowledged is None:
                one.acknowledged, one.answered = self.now, sent.answered

    async def run(self) -> Result:
        violating, fine = await self.prepare()
        letters = notice_letters.made(self.chance, violating, fine, SETTINGS.public_url)
        self.chance.shuffle(letters)
        letters = in_order(letters)
        due = [BEGIN + timedelta(minutes=at) for at in notice_letters.times(self.chance, len(letters))]
        async with self.square.db.transaction() as tx:
            token = await keys.make_key(
                tx, Actor(1, "@owner", "owner"), "Cloud", f"abuse@{notice_letters.HOST}", "host", BEGIN
            )
        known: list[Known] = []
        turn = 0
        while self.now - BEGIN < LONGEST and not (len(known) == len(letters) and all(one.answered for one in known)):
            self.travel(self.now + STEP)
            while len(known) < len(letters) and due[len(known)] <= self.now:
                known.append(await self.send(letters[len(known)], due[len(known)], token))
            if len(known) < len(letters) and self.chance.random() < AN_HOUR * (STEP / timedelta(hours=1)):
                await self.report()
            await mail.take_folder(self.square.db, self.square.services.settings)
            await follow.remind(self.square.db)
            await self.square.settle()
            await self.identify(known)
            await self.review(self.staff[turn % REVIEWERS])
            self.hear(known)
            turn += 1
        return await self.result(known)

    async def result(self, known: Sequence[Known]) -> Result:
        gone = sorted(minutes(self.noticed[one], at) for one, at in self.gone.items() if one in self.noticed)
        acknowledged = [minutes(one.at, one.acknowledged) for one in known if one.acknowledged]
        answered = sorted(minutes(one.at, one.answered) / 60 for one in known if one.answered)
        removed = await self.square.db.records(
            "SELECT item_id FROM case_items WHERE action = 'remove' AND kind = 'status' AND applied_at IS NOT NULL"
        )
        return Result(
            notices=len(known),
            acknowledged_p100_min=round(max(acknowledged), 1),
            violating_gone_p50_min=round(gone[len(gone) // 2], 1),
            violating_gone_p100_min=round(gone[-1], 1),
            answered_with_evidence_p50_h=round(answered[len(answered) // 2], 2),
            answered_with_evidence_p100_h=round(answered[-1], 2),
            lost=sum(not (one.notice_id and one.acknowledged and one.answered) for one in known),
            violating_named=len(self.noticed),
            violating_gone=len(gone),
            missed=len(self.noticed) - len(gone),
            wrongly_removed=sum(self.truths.get(record["item_id"]) is None for record in removed),
            decisions=self.decisions,
            other_reports=self.reports,
        )


def in_order(letters: Sequence[Sent]) -> list[Sent]:
    """What is sent once more comes after what was sent first."""
    order = {one.number: place for place, one in enumerate(letters)}
    first = {one.raw: min(order[other.number] for other in letters if other.raw == one.raw) for one in letters}
    return sorted(letters, key=lambda one: max(order[one.number], first[one.raw]) if one.raw else order[one.number])


def minutes(since: datetime, until: datetime) -> float:
    return (until - since) / timedelta(minutes=1)


def proves(message: EmailMessage, sent: Sent) -> bool:
    """Whether an answer has the evidence enclosed, and that tells what was decided of each address."""
    enclosed = [one for one in message.iter_attachments() if one.get_content_type() == "application/zip"]
    if not enclosed:
        return False
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(enclosed[0].get_content())).read("manifest.json"))
    decided = {one["url"]: one["action"] for one in manifest["items"] if one["action"] is not None}
    return bool(manifest["items"]) and all(url in decided for url in sent.posts)


async def measure(seed: int, error: float) -> Result:
    """One run, in a database that is made for it."""
    with tempfile.TemporaryDirectory(prefix="townsquare-notices-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "incoming").mkdir()
        cluster = start(folder / "data", find_binaries(None), extra=FLEETING)
        try:
            connection = await asyncpg.connect(cluster.dsn)
            await migrate(connection)
            await connection.close()
            return await _measured(cluster.dsn, folder, seed, error)
        finally:
            stop(cluster)


async def _measured(dsn: str, folder: Path, seed: int, error: float) -> Result:
    made = keyring.fresh()
    async with mail_server() as server, Database.connect(dsn, lambda: made, connections=4) as db:
        await audit.begin(db)
        settings = msgspec.structs.replace(
            SETTINGS,
            mail=Mail(host="127.0.0.1", port=server.port, tls="none", sender="town@town.example"),
            notices=Notices(hosts=(notice_letters.HOST,), folder=str(folder / "incoming")),
        )
        with time_machine.travel(BEGIN, tick=False) as traveller:
            async with town(db, folder / "media", settings) as square:
                return await Replay(square, server, folder / "incoming", traveller, seed, error).run()


def report(found: Sequence[Run]) -> str:
    """The document."""
    names = [field.name for field in msgspec.structs.fields(Result)]
    lines = [
        "# 98 notices of a host",
        "",
        "Made by `python -m benchmarks.notices`; each row is a run with other posts, other letters, other times.",
        "A host's notices come as plain mail, with addresses made unusable, quoted-printable and broken over lines,",
        "as HTML in UTF-16, as ARF, XARF 4 and XARF 2, as mail whose parts and JSON break off, by the form and by the",
        "API; in seven languages; a third of them within ten minutes. 58 name posts that violate, 22 posts that do",
        "not, 10 nothing that is here, 4 are the same message again and 4 tell of the same post once more. All goes",
        "through the service's own doors, effects, queue and mail. Reviewers are made up: three, at 60 reviews an",
        "hour, day and night; people's own reports wait and come meanwhile. Minutes and hours are those of the made-up",
        "clock: from the sending to the receipt in the host's letter box, to the post being gone for whoever reads",
        "along, to the answer with the evidence enclosed. Of the `violating_named` posts `violating_gone` are gone,",
        "and the minutes are theirs; `missed` are still there.",
        "",
        "What the service does is the first table, and of it the bounds are asked. In the second `missed` and",
        "`wrongly_removed` are what reviewers who err took for fine, or for a violation; its notices are answered",
        "with that, in the same time. One of them is enough to leave what the mail names, for nothing proves that a",
        "host wrote it. Where something does, as a key of the API, two must agree.",
    ]
    for error, title in ERRORS.items():
        runs = sorted((one for one in found if one.error == error), key=lambda one: one.seed)
        rows = [[one.seed, *msgspec.structs.astuple(one.result)] for one in runs]
        if error == 0:
            rows.append(["at most", *(MOST.get(name, "") for name in names)])
        lines += ["", f"## {title}", "", f"| seed | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
        lines += [f"| {' | '.join(map(str, row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def read(kept: Path) -> list[Run]:
    """What was measured before."""
    return msgspec.json.Decoder(Run).decode_lines(kept.read_bytes()) if kept.exists() else []


def main() -> None:
    """Run, and write down."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notices", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--kept", type=Path, default=Path("build/notices.jsonl"), help="runs that are not made again")
    args = parser.parse_args()
    logs.configure(Log(level="error"))
    args.kept.parent.mkdir(parents=True, exist_ok=True)
    found = read(args.kept)
    done = {(one.seed, one.error) for one in found}
    for seed, error in product(range(1, args.seeds + 1), ERRORS):
        if (seed, error) not in done:
            found.append(Run(seed, error, uvloop.run(measure(seed, error))))
            print(f"seed {seed}, {error}: {msgspec.json.encode(found[-1].result).decode()}", flush=True)
            args.kept.write_bytes(msgspec.json.Encoder().encode_lines(found))
    TARGET.write_text(report(found), encoding="utf-8")
    worst = {name: max(getattr(one.result, name) for one in found if not one.error) for name in MOST}
    print(json.dumps(worst))


if __name__ == "__main__":
    main()
