"""Labelled posts, from the public collections that the desk is measured with. None of them is ever printed."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from townsquare.cli.errors import CommandError


class Post(msgspec.Struct, frozen=True):
    """A text and what is true of it: the policy that it violates, None for what is fine."""

    text: str
    policy: str | None


class Sample(msgspec.Struct):
    """A line of the OpenAI set; a category that was not asked about is not there."""

    prompt: str
    S: int = 0
    H: int = 0
    V: int = 0
    HR: int = 0
    SH: int = 0
    S3: int = 0
    H2: int = 0
    V2: int = 0


_OF_SAMPLES: Final = (
    ("S3", "child-safety"),
    ("H2", "violent-threat"),
    ("SH", "self-harm"),
    ("V2", "graphic"),
    ("V", "graphic"),
    ("H", "hate"),
    ("HR", "harassment"),
    ("S", "graphic"),
)
"""Of several categories, the first."""
_HATE, _NEITHER = "0", "2"


def read(folder: Path) -> list[Post]:
    """All of them, always in the same order. Raises CommandError where the collections are not there."""
    try:
        found = [*_davidson(folder), *_hatemoji(folder), *_mlma(folder), *_openai(folder), *_sms(folder)]
    except FileNotFoundError as error:
        raise CommandError(
            f"{error.filename} is missing. Name the folder of the labelled posts with --data."
        ) from error
    return list({post.text: post for post in found if post.text.strip()}.values())


def _davidson(folder: Path) -> Iterator[Post]:
    """What is merely offensive is left out: its labels say that people did not agree."""
    for row in _rows(folder / "davidson" / "labeled_data.csv"):
        if row["class"] in (_HATE, _NEITHER):
            yield Post(row["tweet"], "hate" if row["class"] == _HATE else None)


def _hatemoji(folder: Path) -> Iterator[Post]:
    for name in ("train", "validation"):
        for row in _rows(folder / "hatemoji" / f"{name}.csv"):
            hateful = "violent-threat" if row["type"] == "threateninglanguage" else "hate"
            yield Post(row["text"], hateful if row["label_gold"] == "1" else None)


def _mlma(folder: Path) -> Iterator[Post]:
    for row in _rows(folder / "mlma" / "en_dataset_with_stop_words.csv"):
        said = row["sentiment"].split("_")
        if "hateful" in said or said == ["normal"]:
            yield Post(row["tweet"], "hate" if "hateful" in said else None)


def _openai(folder: Path) -> Iterator[Post]:
    with gzip.open(folder / "openai-moderation-half" / "samples.jsonl.gz", "rb") as lines:
        for line in lines:
            sample = msgspec.json.decode(line, type=Sample)
            yield Post(sample.prompt, next((code for name, code in _OF_SAMPLES if getattr(sample, name)), None))


def _sms(folder: Path) -> Iterator[Post]:
    for line in (folder / "sms-spam" / "sms.tsv").read_text(encoding="utf-8").splitlines():
        label, _, text = line.partition("\t")
        yield Post(text, "spam" if label == "spam" else None)


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
