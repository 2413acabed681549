"""A made-up backlog goes through the desk's own code, and the last line tells what became of it."""

import csv
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from tests.live import run

WORDS = (
    "ferry", "tower", "bakery", "river", "window", "lantern", "market", "saddle", "orchard", "violin", "harbour",
    "pepper", "blanket", "kettle", "thunder", "meadow", "button", "ladder", "candle", "needle", "garden", "copper",
)  # fmt: skip
KEYS = {
    "decisions", "wrongful_removals", "missed", "sev1_median_h", "sev1_p95_h", "violating_view_hours", "grouping_s",
}  # fmt: skip


def texts(many: int, chance: Random) -> list[str]:
    """No two of which are alike."""
    return [" ".join(chance.sample(WORDS, 9)) for _ in range(many)]


def table(file: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([head, *rows])


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """The collections, with a few made-up posts each in the form that theirs have."""
    chance = Random(1)
    tweets = [("0", one) for one in texts(30, chance)] + [("2", one) for one in texts(40, chance)]
    table(tmp_path / "davidson" / "labeled_data.csv", ("class", "tweet"), tweets)
    threats = [(one, "threateninglanguage", "1") for one in texts(30, chance)]
    for name in ("train", "validation"):
        table(tmp_path / "hatemoji" / f"{name}.csv", ("text", "type", "label_gold"), threats)
    said = [(one, "hateful") for one in texts(10, chance)] + [(one, "normal") for one in texts(10, chance)]
    table(tmp_path / "mlma" / "en_dataset_with_stop_words.csv", ("tweet", "sentiment"), said)
    samples = [json.dumps({"prompt": one, "S": 1}) for one in texts(10, chance)]
    (tmp_path / "openai-moderation-half").mkdir()
    with gzip.open(tmp_path / "openai-moderation-half" / "samples.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.write("\n".join(samples) + "\n")
    (tmp_path / "sms-spam").mkdir()
    messages = "".join(f"spam\t{one}\n" for one in texts(10, chance))
    (tmp_path / "sms-spam" / "sms.tsv").write_text(messages, encoding="utf-8")
    return tmp_path


def test_a_backlog_is_worked_through_and_the_last_line_says_how(labelled: Path) -> None:
    options = ("--reports", "300", "--seed", "3", "--mix", "high", "--data", str(labelled))
    done = run("moderation", "simulate", *options)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told.keys() >= KEYS
    assert 0 < told["decisions"] <= told["cases"] + told["second_reviews"]
    assert 0 <= told["wrongful_removals"] < 0.5
    assert told["grouping_s"] > 0
    assert f"{told['items']} posts became {told['cases']} cases" in done.stdout


def test_without_labelled_posts_it_says_what_is_missing(tmp_path: Path) -> None:
    done = run("moderation", "simulate", "--data", str(tmp_path), "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Name the folder of the labelled posts with --data" in done.stderr
