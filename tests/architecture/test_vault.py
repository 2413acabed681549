"""What is sealed is opened in few places, and each says for whom."""

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "townsquare"

WITHOUT_A_TRACE = {
    "moderation/cases/take_in.py": "texts are compared, and shown to nobody",
    "moderation/notices/follow.py": "the same",
    "moderation/signals/follow.py": "the same",
    "moderation/notices/pack.py": "evidence for whoever gave notice, in an archive that is signed",
    "moderation/jury/sit.py": "for jurors, who are none of the staff; when each first saw it is noted",
    "web/settings/decisions.py": "for the author of what was decided about",
    "web/desk/sight.py": "after the look at the same case was written down",
}
"""Who calls `vault.opened`, and why nobody of the staff reads what it opens."""
WITH_THE_KEY = {
    "moderation/vault.py": "the vault",
    "moderation/notices/filing.py": "who gave notice, and what came with it",
    "moderation/holds.py": "rows that are kept under a legal hold, for a reason that was written down",
    "media/sealed.py": "files that are kept",
}
"""Who opens what is sealed as evidence."""


@pytest.mark.parametrize(
    ("calls", "known"),
    [(r"\bvault\.opened\(", WITHOUT_A_TRACE), (r'\.open\(\s*("evidence"|_purpose\()', WITH_THE_KEY)],
)
def test_what_is_sealed_is_opened_only_where_it_says_why(calls: str, known: dict[str, str]) -> None:
    found = {
        str(file.relative_to(SOURCE))
        for file in SOURCE.rglob("*.py")
        if re.search(calls, file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert found == known.keys()
