"""Work cases at the desk in a real browser, by keys only, and write DESK.md: `python -m benchmarks.desk --data FOLDER`.

Labelled collections are loaded as a corpus (`townsquare import posts`), spread over made-up people, and posts of them
reported by others under the policy of their label. Two reviewers, each in a browser of their own, take cases in turn,
with the keys that the pages name: digits for the policy, a letter for what is done (what the label calls hate or worse
is removed, which both must say), Enter. What counts is the software: from Enter until the next case is on the screen.
Then 26,000 reports are taken in, and the same is measured from outside. None of the posts is printed.
"""

import argparse
import asyncio
import os
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx
import msgspec
from playwright.async_api import Browser, Page, async_playwright

from benchmarks import fans, store
from benchmarks.commands import Trouble, run, tell
from benchmarks.town import TOWNSQUARE, Person, Town, make_accounts, running
from townsquare.cli.moderation import backlog, corpus, shift
from townsquare.cli.moderation.command import LABELLED, UNHURRIED
from townsquare.db.pool import Database
from townsquare.kernel import keyring

TARGET: Final = Path(__file__).with_name("DESK.md")
WRITERS, REPORTERS = 200, 12
IMPORTING: Final = 600
LONGEST: Final = 400
THINKING: Final = 1000
"""Milliseconds for which each has a case before them in the second half: a person reads, and the other one too."""
ASKED: Final = 30
REMOVED: Final = ("child-safety", "violent-threat", "hate")
"""What is wrong otherwise gets a note."""
WATCH: Final = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const seen = () => requestAnimationFrame(() => requestAnimationFrame(() => {
    const at = Number(sessionStorage.getItem("decided")), form = document.querySelector("[data-decide]");
    if (!at || !form || form.dataset.decide === sessionStorage.getItem("case")) return;
    sessionStorage.removeItem("decided");
    sessionStorage.setItem("took", String(now() - at));
  }));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    sessionStorage.setItem("decided", String(now()));
    sessionStorage.setItem("case", document.querySelector("[data-decide]")?.dataset.decide ?? "");
  }, true);
  addEventListener("DOMContentLoaded", () => {
    seen();
    new MutationObserver(seen).observe(document.body, { childList: true, subtree: true });
  });
})();
"""
"""How long it is from the key until the next case is painted, also where another page is loaded for it."""


class Label(msgspec.Struct, frozen=True):
    """What is true of a post: the policy that it violates, None for what is fine; and whose it is."""

    policy: str | None
    author: int
    length: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=LABELLED)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--reports", type=int, default=backlog.WHOLE)
    parser.add_argument("--pictures", type=Path, help="a folder for pictures of the desk at work")
    args = parser.parse_args()
    if args.pictures is not None:
        args.pictures.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="townsquare-desk-"))
    folder.chmod(0o711)
    try:
        with running(folder, workers=1, port=0) as town:
            found = asyncio.run(measure(town, args))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    TARGET.write_text(report(found), encoding="utf-8")
    tell(f"written to {TARGET}")


async def measure(town: Town, args: argparse.Namespace) -> Mapping[str, Any]:
    """All of it."""
    people, posts = make_accounts(town, [f"desk{number}" for number in range(REPORTERS + 2)]), corpus.read(args.data)
    staff = people[-2:]
    load(town, posts)
    tell(f"the corpus is loaded: {len(posts)} posts")
    async with store.connected(town.dsn) as db:
        await db.execute("UPDATE users SET role = 'owner' WHERE account_id = ANY($1)", [int(one.id) for one in staff])
        labels = await labels_of(db, posts)
        await report_some(town, db, labels, people[:-2], args.cases)
        await fans.wait_until_settled(db)
        tell(f"the posts are reported; working {args.cases} cases")
        found: dict[str, Any] = await worked(town, db, staff, labels, args)
        found["posts"] = len(posts)
        found["panels"] = await panels(db)
    found["reports"], found["grouping_s"], found["cases"] = await crowd(town, args)
    found["asked"] = await asked(town, staff[0])
    return found


def load(town: Town, posts: Sequence[corpus.Post]) -> None:
    """The whole of the collections, by the product's own command. Raises Trouble."""
    file = town.folder / "corpus.jsonl"
    file.write_bytes(b"\n".join(msgspec.json.encode({"text": one.text}) for one in posts))
    command = ["import", "posts", str(file), "--text", "text", "--accounts", str(WRITERS)]
    run([TOWNSQUARE, *command, "--data", str(town.data)], seconds=IMPORTING, folder=town.folder)


async def labels_of(db: Any, posts: Sequence[corpus.Post]) -> dict[int, Label]:
    """What is true of each post, by its id."""
    truths = {one.text: one.policy for one in posts}
    records = await db.records("SELECT text, id, account_id FROM statuses")
    return {number: Label(truths[text], author, len(text)) for text, number, author in records if text in truths}


async def report_some(town: Town, db: Any, labels: Mapping[int, Label], people: Sequence[Person], cases: int) -> None:
    """Posts that are reported, most of them as their labels say."""
    chance = Random(1)
    here = [number for number, one in labels.items() if one.length <= LONGEST]
    bad, fine = [one for one in here if labels[one].policy], [one for one in here if not labels[one].policy]
    chosen = [*chance.sample(bad, cases), *chance.sample(fine, cases // 3)]
    chance.shuffle(chosen)
    reporters = cycle(people)
    rules = await rules_of(db, {policy for one in chosen if (policy := labels[one].policy)})
    async with httpx.AsyncClient(base_url=town.url, timeout=60) as client:
        for number in chosen:
            policy, author = labels[number].policy, labels[number].author
            said: dict[str, Any] = {"account_id": author, "status_ids": [number], "comment": "Please look at this."}
            if policy:
                said |= {"category": "violation", "rule_ids": [str(rules[policy])]}
            answer = await client.post("/api/v1/reports", json=said, headers=_token(next(reporters)))
            answer.raise_for_status()


def _token(person: Person) -> dict[str, str]:
    return {"authorization": f"Bearer {person.token}"}


async def rules_of(db: Any, policies: set[str]) -> dict[str, int]:
    """A rule of the place for each policy, by which people report under it."""
    numbers = {code: number for number, code in enumerate(sorted(policies), 1)}
    for code, number in numbers.items():
        await db.execute("INSERT INTO rules (id, text, position) VALUES ($1, $2, 1)", number, f"No {code}")
        await db.execute("INSERT INTO policy_rules (rule_id, policy) VALUES ($1, $2)", number, code)
    return numbers


async def truth_of(db: Any, case: str, labels: Mapping[int, Label]) -> str | None:
    """Of what a case is about first of all."""
    records = await db.records(
        "SELECT item_id FROM case_items WHERE case_id = $1 ORDER BY similarity DESC, joined_at, item_id", int(case)
    )
    return next((labels[record[0]].policy for record in records if record[0] in labels), None)


async def panels(db: Any) -> Mapping[str, int]:
    """What became of the cases: all that are decided, those that were removed, and of these by both reviewers."""
    (record,) = await db.records(
        """
        SELECT count(*) AS decided, count(*) FILTER (WHERE c.action = 'remove') AS removed,
            count(*) FILTER (WHERE c.action = 'remove' AND d.people = 2) AS by_two
        FROM cases c, LATERAL (
            SELECT count(DISTINCT reviewer_id) AS people FROM case_decisions WHERE case_id = c.id
        ) AS d
        WHERE c.state = 'decided'
        """
    )
    return dict(record)


async def worked(
    town: Town, db: Any, staff: Sequence[Person], labels: Mapping[int, Label], args: argparse.Namespace
) -> dict[str, Any]:
    """So many cases decided by keys: the first half as fast as keys go, the second with a second to read each."""
    complaints: list[str] = []
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        raise Trouble("Chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        pages = [await at_desk(browser, town, one, complaints) for one in staff]
        await picture(pages[0], args.pictures, "desk")
        digits = {choice: digit for page in pages for choice, digit in (await begin(page)).items()}
        began = time.perf_counter()
        times: tuple[list[float], list[float]] = ([], [])
        seen: set[str] = set()
        for page in cycle(pages):
            calm: bool = len(seen) >= args.cases // 2
            if calm:
                await page.wait_for_timeout(THINKING / len(pages))
            case = await page.get_attribute("[data-decide]", "data-decide") or ""
            seen.add(case)
            if len(seen) > args.cases:
                break
            if len(seen) in (3, args.cases // 2 + 1):
                await picture(page, args.pictures, f"case-{len(seen)}")
            took = await decide(page, await truth_of(db, case, labels), digits)
            if took is None:
                break
            times[calm].append(took)
        seconds = time.perf_counter() - began
        await browser.close()
    read = len(times[1]) * THINKING / len(staff) / 1000
    return {"hurried": times[0], "calm": times[1], "seconds": seconds, "read": read, "complaints": complaints}


async def at_desk(browser: Browser, town: Town, reviewer: Person, complaints: list[str]) -> Page:
    """A reviewer's own browser, before the desk."""
    context = await browser.new_context(base_url=town.url, viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = await context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await signed_in(page, reviewer)
    await page.add_init_script(WATCH)
    await page.goto("/desk")
    return page


async def signed_in(page: Page, reviewer: Person) -> None:
    await page.goto("/sign-in")
    await page.fill("[name=login]", reviewer.username)
    await page.fill("[name=password]", f"the password of {reviewer.username}")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/home")


async def begin(page: Page) -> dict[str, str]:
    """The first case; by policy, the digits that choose it."""
    await page.keyboard.press("n")
    await page.wait_for_selector("[data-decide]")
    found = await page.eval_on_selector_all("[data-digit]", "all => all.map(one => [one.value, one.dataset.digit])")
    return dict(found)


async def decide(page: Page, policy: str | None, digits: Mapping[str, str]) -> float | None:
    """Press what is true of a case; the milliseconds until the next one is there, None where there is none."""
    for digit in digits.get(policy or "", ""):
        await page.keyboard.press(digit)
    await page.keyboard.press("r" if policy in REMOVED else "l" if policy else "a")
    await page.keyboard.press("Enter")
    try:
        taken = await page.wait_for_function(
            "() => { const took = sessionStorage.getItem('took'); sessionStorage.removeItem('took'); return took; }",
            polling=5,
            timeout=20_000,
        )
    except TimeoutError:
        return None
    return float(str(await taken.json_value()))


async def picture(page: Page, folder: Path | None, name: str) -> None:
    """How it looks, in the light and in the dark, on a desk and on a tablet."""
    if folder is None:
        return
    for width in (820, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("dark", "light"):
            await page.emulate_media(color_scheme=scheme)
            await page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")


async def crowd(town: Town, args: argparse.Namespace) -> tuple[int, float, int]:
    """Many reports more: how many, the seconds in which they were gathered, and the cases that are open now."""
    now = datetime.now(UTC)
    made = backlog.make(corpus.read(args.data), reports=args.reports, mix="high", seed=1, now=now)
    async with Database.connect(
        town.dsn, partial(keyring.read, town.data / "keys.json"), connections=2, session=UNHURRIED
    ) as db:
        grouping = await shift.load(db, made, now)
        waiting = await db.value("SELECT count(*) FROM cases WHERE state = 'open'")
    async with store.connected(town.dsn) as db:
        await store.vacuum(db)
    return len(made.claims), grouping.seconds, waiting


async def asked(town: Town, reviewer: Person) -> dict[str, list[float]]:
    """Milliseconds of the pages at such a queue, asked for one after the other."""
    took: dict[str, list[float]] = {"/desk": [], "next case": [], "its page": [], "decide, and the next": []}
    headers = {"origin": town.url, "sec-fetch-site": "same-origin"}
    async with httpx.AsyncClient(base_url=town.url, timeout=60, headers=headers) as client:

        async def timed(name: str, method: str, path: str, **fields: str) -> httpx.Response:
            begin = time.perf_counter()
            answer = await client.request(method, path, data=fields or None)
            took[name].append((time.perf_counter() - begin) * 1000)
            return answer

        sign_in = (await client.get("/sign-in")).text
        given = {"login": reviewer.username, "password": f"the password of {reviewer.username}"}
        await client.post("/sign-in", data={"csrf": _csrf(sign_in), **given})
        for _ in range(ASKED):
            token = _csrf((await timed("/desk", "GET", "/desk")).text)
            where = (await timed("next case", "POST", "/desk/next", csrf=token)).headers["location"]
            await timed("its page", "GET", where)
            fields = {"csrf": token, "policy": "spam", "action": "label", "account_action": "none"}
            await timed("decide, and the next", "POST", f"{where}/decide", **fields)
    return took


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    if found is None:
        raise Trouble("A page has no form")
    return found[1]


def report(found: Mapping[str, Any]) -> str:
    """The document."""
    hurried, calm = found["hurried"], found["calm"]
    both, panels = [*hurried, *calm], found["panels"]
    lines = [
        "# The desk at work",
        "",
        f"Made by `python -m benchmarks.desk --data FOLDER`: labelled collections of {found['posts']:,} posts are",
        "loaded by `townsquare import posts`, some are reported and worked by two reviewers, each in a Chromium of",
        "their own, by keys alone, and afterwards the same desk with a backlog beside them. What the labels call hate",
        "or worse is removed, which both must say; what is wrong otherwise gets a note, the rest is left. The time is",
        "from Enter until the next case is painted; service, PostgreSQL and both browsers share the machine.",
        "",
        "| decisions | n | p50 ms | p95 ms | a minute, of software time alone |",
        "|---|---|---|---|---|",
        _row("as fast as keys go", hurried),
        _row("a second to read each", calm),
        "",
        f"{panels['decided']} cases were decided by {len(both)} decisions: {panels['removed']} were removed,"
        f" {panels['by_two']} of them by both. Errors on the console: {len(found['complaints'])}. All of it took"
        f" {found['seconds']:.0f} s, {found['read']:.0f} s of which both read.",
        "",
        f"## With {found['reports']:,} reports more",
        "",
        f"Gathered in {found['grouping_s']:.1f} s; {found['cases']:,} cases are open.",
        "",
        "| request | n | p50 ms | p95 ms |",
        "|---|---|---|---|",
        *(
            f"| {name} | {len(times)} | {_at(times, 50):.0f} | {_at(times, 95):.0f} |"
            for name, times in found["asked"].items()
        ),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, times: Sequence[float]) -> str:
    a_minute = 60_000 / statistics.mean(times) if times else 0
    return f"| {name} | {len(times)} | {_at(times, 50):.0f} | {_at(times, 95):.0f} | {a_minute:,.0f} |"


def _at(times: Sequence[float], hundredth: int) -> float:
    return sorted(times)[min(len(times) * hundredth // 100, len(times) - 1)] if times else 0.0


if __name__ == "__main__":
    main()
