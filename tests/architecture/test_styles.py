"""What the desk and the owner's pages look like is said of them alone, for all pages share one style sheet."""

import re
from importlib import resources
from typing import Final

PARTS: Final = resources.files("townsquare.web") / "static" / "components.css.d"
_ASIDE: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE: Final = re.compile(r"([^{};]+)\{")
_COMMA: Final = re.compile(r",(?![^(]*\))")
_ONE_CLASS: Final = re.compile(r"\.[\w-]+")


def classes(*, of_the_staff: bool) -> set[str]:
    """Those to which a rule gives a look wherever they stand."""
    files = [file for file in PARTS.iterdir() if (file.name >= "60") == of_the_staff]
    rules = [rule for file in files for rule in _RULE.findall(_ASIDE.sub("", file.read_text("utf-8")))]
    selectors = [one.strip() for rule in rules for one in _COMMA.split(rule)]
    return {one for one in selectors if _ONE_CLASS.fullmatch(one)}


def test_what_the_staff_sees_does_not_change_what_everybody_sees() -> None:
    ours, theirs = classes(of_the_staff=False), classes(of_the_staff=True)
    assert {".post", ".case-facts"} <= ours | theirs
    assert ours & theirs == set()
