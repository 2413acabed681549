"""`townsquare import posts` into a service that runs."""

import csv
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.live import PATIENCE, Live, begin


@pytest.fixture(scope="module")
def token(service: Live) -> str:
    """Of somebody who reads."""
    return service.person("reader_of_corpora").token


def written(file: Path, header: list[str], rows: list[list[str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])
    return file


def posts_of(service: Live, token: str, acct: str) -> list[dict[str, Any]]:
    """Everything that somebody has posted."""
    account = service.get(f"/api/v1/accounts/lookup?acct={acct}", token).json()
    found: list[dict[str, Any]] = []
    while True:
        below = f"&max_id={found[-1]['id']}" if found else ""
        page = service.get(f"/api/v1/accounts/{account['id']}/statuses?limit=40{below}", token).json()
        if not page:
            return found
        found += page


def known(service: Live, token: str, acct: str) -> bool:
    return service.get(f"/api/v1/accounts/lookup?acct={acct}", token).status_code == 200


def found_by(service: Live, token: str, word: str) -> int:
    """How many posts a search finds, once the background work is done."""
    found: list[Any] = []
    for _ in range(100):
        found = service.get(f"/api/v2/search?type=statuses&limit=40&q={word}", token).json()["statuses"]
        if found:
            break
        time.sleep(0.1)
    return len(found)


def test_posts_come_in_by_their_people_and_are_found(service: Live, token: str, tmp_path: Path) -> None:
    rows = [
        ["Rosa Parker", "2021-01-06T13:00:00Z", "The bus is late again #transit"],
        ["rosa parker 2", "2021-01-06T13:05:00Z", "My bike is not, @rosa_parker"],
        ["Rosa Parker", "2021-01-07T08:00:00Z", "Walking, then: two\nlines of quinquereme"],
    ]
    file = written(tmp_path / "posts.csv", ["who", "when", "what"], rows)
    done = service.run("import", "posts", str(file), "--text", "what", "--author", "who", "--time", "when")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("Loaded           3 posts\n")
    posts = posts_of(service, token, "Rosa_Parker")
    assert [post["created_at"] for post in posts] == ["2021-01-07T08:00:00.000Z", "2021-01-06T13:00:00.000Z"]
    assert posts[0]["content"] == "<p>Walking, then: two<br />lines of quinquereme</p>"
    assert posts[0]["account"]["display_name"] == "Rosa Parker"
    assert posts[0]["account"]["created_at"] < posts[1]["created_at"]
    assert [tag["name"] for tag in posts[1]["tags"]] == ["transit"]
    assert len(posts_of(service, token, "rosa_parker_2")) == 1
    assert found_by(service, token, "quinquereme") == 1
    assert not (tmp_path / "posts.csv.rejected.jsonl").exists()


def test_nobody_s_name_is_taken_and_names_stay_with_their_people(service: Live, token: str, tmp_path: Path) -> None:
    service.person("harriet")
    for number in (1, 2):
        file = written(tmp_path / f"{number}.csv", ["who", "what"], [["Harriet", f"a post of file {number}"]])
        assert service.run("import", "posts", str(file), "--text", "what", "--author", "who").returncode == 0
    assert posts_of(service, token, "harriet") == []
    assert len(posts_of(service, token, "harriet_2")) == 2


def test_bad_rows_are_named_and_set_aside(service: Live, tmp_path: Path) -> None:
    file = tmp_path / "mixed.csv"
    lines = [b"n,text", b"1,good", b"2,   ", b"3," + b"x" * 1001, b'4,"broken" quote', b"5", b"6,nul \0", b"7,good too"]
    file.write_bytes(b"\n".join(lines))
    done = service.run("import", "posts", str(file), "--text", "text", "--accounts", "2")
    assert done.returncode == 0
    assert done.stdout.endswith("Loaded           2 posts\n")
    told = [line.split(maxsplit=3)[1:] for line in done.stderr.splitlines()]
    assert [row for _, row, _ in told] == ["2", "3", "4", "5", "6"]
    assert "Row 3            line 4: Text character limit of 1000 exceeded" in done.stderr
    kept = [msgspec.json.decode(line) for line in (tmp_path / "mixed.csv.rejected.jsonl").read_bytes().splitlines()]
    assert [(one["row"], one["line"]) for one in kept] == [(2, 3), (3, 4), (4, 5), (5, 6), (6, 7)]
    assert (kept[0]["raw"], kept[0]["reason"]) == ("2,   ", "Text can't be blank")
    assert kept[2]["raw"] == '4,"broken" quote'


def test_rows_without_authors_are_spread_over_made_up_people(service: Live, token: str, tmp_path: Path) -> None:
    rows = [[f"spread over people {number}"] for number in range(300)]
    file = written(tmp_path / "spread.csv", ["text"], rows)
    for _ in range(2):
        done = service.run("import", "posts", str(file), "--text", "text", "--accounts", "7")
        assert done.stdout.endswith("Loaded           300 posts\n")
    everything = service.get("/api/v1/directory?local=true&order=new&limit=80").json()
    made_up = [account["acct"] for account in everything if " " in account["display_name"]]
    posts = [post for acct in made_up for post in posts_of(service, token, acct) if "spread over" in post["content"]]
    by = Counter(post["account"]["acct"] for post in posts)
    assert (len(by), by.total()) == (7, 300)
    assert min(by.values()) > 20
    days = {post["created_at"][:10] for post in posts}
    assert 28 <= len(days) <= 29


def test_what_is_cut_off_goes_on_where_it_was(service: Live, token: str, tmp_path: Path) -> None:
    rows = [["marathon", f"step {number}"] for number in range(1500)]
    file = written(tmp_path / "long.csv", ["who", "text"], rows)
    command = ("import", "posts", str(file), "--text", "text", "--author", "who", "--data", str(service.data))
    running = begin(*command)
    deadline = time.monotonic() + PATIENCE
    while not known(service, token, "marathon") or len(posts_of(service, token, "marathon")) < 100:
        assert time.monotonic() < deadline
    running.kill()
    running.wait()
    cut_off = len(posts_of(service, token, "marathon"))
    assert 100 <= cut_off <= 1500
    assert cut_off % 100 == 0
    done = service.run(*command[:-2])
    assert done.stdout.endswith("Loaded           1,500 posts\n")
    steps = [post["content"] for post in posts_of(service, token, "marathon")]
    assert steps == [f"<p>step {number}</p>" for number in reversed(range(1500))]


def test_what_cannot_be_imported_is_refused_with_a_sentence(service: Live, tmp_path: Path) -> None:
    file = written(tmp_path / "posts.csv", ["text"], [[""], [""]])
    for command, told in (
        ((str(tmp_path / "nothing.csv"), "--text", "text"), "nothing.csv cannot be read: No such file or directory"),
        ((str(file), "--text", "words"), "posts.csv has no column words. It has: text"),
        ((str(file), "--text", "text", "--accounts", "0"), "write a number from 1 to 100,000"),
    ):
        done = service.run("import", "posts", *command)
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    empty = written(tmp_path / "empty.csv", ["text"], [])
    done = service.run("import", "posts", str(empty), "--text", "text")
    assert (done.returncode, "has no row that could be loaded" in done.stderr) == (2, True)
