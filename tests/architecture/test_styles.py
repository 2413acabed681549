"""What the desk and the owner's pages look like is said of them alone, for all pages share one style sheet."""

import re
from pathlib import Path
from typing import Final

from townsquare import web

PARTS: Final = Path(web.__file__).parent / "static" / "components.css.d"
_ASIDE: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE: Final = re.compile(r"([^{};]+)\{")
_COMMA: Final = re.compile(r",(?![^(]*\))")
_ONE_CLASS: Final = re.compile(r"\.[\w-]+")
_CALLED: Final = re.compile(r"var\((--[\w-]+)")
_SET: Final = re.compile(r"(?<![\w-])(--[\w-]+)\s*:")


def classes(*, of_the_staff: bool) -> set[str]:
    """Those to which a rule gives a look wherever they stand."""
    files = [file for file in PARTS.iterdir() if (file.name >= "60") == of_the_staff]
    rules = [rule for file in files for rule in _RULE.findall(_ASIDE.sub("", file.read_text("utf-8")))]
    selectors = [one.strip() for rule in rules for one in _COMMA.split(rule)]
    return {one for one in selectors if _ONE_CLASS.fullmatch(one)}


def mentioned() -> set[str]:
    """Classes that stand anywhere in a selector of what everybody sees."""
    files = [_ASIDE.sub("", file.read_text("utf-8")) for file in PARTS.iterdir() if file.name < "60"]
    return {one for file in files for rule in _RULE.findall(file) for one in _ONE_CLASS.findall(rule)}


def test_what_the_staff_sees_does_not_change_what_everybody_sees() -> None:
    ours, theirs = classes(of_the_staff=False), classes(of_the_staff=True)
    assert {".post", ".case-facts"} <= ours | theirs
    assert ours & theirs == set()
    assert theirs & mentioned() == set()


def test_every_value_that_is_called_by_its_name_is_there() -> None:
    words = _ASIDE.sub("", "".join(file.read_text("utf-8") for file in sorted(PARTS.parent.rglob("*.css"))))
    assert "--accent" in _CALLED.findall(words)
    assert set(_CALLED.findall(words)) - set(_SET.findall(words)) == set()
