"""Write the table of characters that look like Latin letters or digits, from the Unicode standard's own (TS 39).

`python -m scripts.lookalikes` after a new version of Unicode. What compatibility
normalisation (NFKC) resolves is not in it.
"""

import unicodedata
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

import townsquare.moderation.cases

TARGET: Final = Path(townsquare.moderation.cases.__file__).parent / "lookalikes.txt"


class Alike(msgspec.Struct):
    c: str


def main() -> None:
    """One line a letter: the letter, then what looks like it."""
    source = (files("confusable_homoglyphs") / "confusables.json").read_bytes()
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one, alike in msgspec.json.decode(source, type=dict[str, list[Alike]]).items():
        if len(one) == 1 and not unicodedata.normalize("NFKC", one).isascii():
            for letter in {other.c.lower() for other in alike if _is_letter(other.c)}:
                found[letter].add(one)
    lines = [f"{letter} {''.join(sorted(found[letter]))}\n" for letter in sorted(found)]
    TARGET.write_text("".join(lines), encoding="utf-8")


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.isalnum()


if __name__ == "__main__":
    main()
