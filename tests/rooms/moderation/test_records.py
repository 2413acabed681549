"""Statements of reasons as the European transparency database takes them: always, whatever was decided."""

from datetime import UTC, datetime
from itertools import product
from typing import get_args

import msgspec
import pytest

from townsquare.db.pool import Database
from townsquare.kernel.ids import new_id
from townsquare.moderation.cases.model import AccountAction, Action, Kind
from townsquare.moderation.cases.store_policies import all_of_them
from townsquare.moderation.reasons.compose import Ground, Made, Noticed, Thing, facts_of, record_of
from townsquare.moderation.reasons.record import Record, faults
from townsquare.moderation.reasons.store_statements import ground

NOW = datetime(2027, 1, 31, 12, tzinfo=UTC)
POST = new_id(datetime(2027, 1, 30, tzinfo=UTC))
GROUND = Ground("hate", "Hate", "Be kind.", "DECISION_GROUND_ILLEGAL_CONTENT", "", "STATEMENT_CATEGORY_VIOLENCE", None)
KINDS: tuple[Kind, ...] = get_args(Kind)
ACTIONS: tuple[Action, ...] = get_args(Action)
ACCOUNT_ACTIONS: tuple[AccountAction, ...] = get_args(AccountAction)
NOTICED: tuple[Noticed, ...] = get_args(Noticed)


def made(**given: object) -> Made:
    usual: dict[str, object] = {
        "id": 7,
        "domain": "town.example:8000",
        "ground": GROUND,
        "things": [Thing("status", 1, POST, "remove", ("text", "image"), "de")],
        "account_action": "none",
        "until": None,
        "reporters": 3,
        "reviewers": 2,
        "by_machine": False,
        "at": NOW,
    }
    return msgspec.convert(usual | given, Made)


async def test_every_decision_makes_a_record_that_is_taken(db: Database) -> None:
    """All policies, all that can be done, to all kinds of things, however it came up."""
    for one in await all_of_them(db):
        found = await ground(db, one.code)
        assert found is not None
        for kind, action, account, noticed, number in product(KINDS, ACTIONS, ACCOUNT_ACTIONS, NOTICED, (0, 1)):
            what = {"things": [Thing(kind, 1, POST, action)], "account_action": account, "until": NOW}
            record = record_of(made(ground=found, noticed=noticed, reporters=number, by_machine=number == 0, **what))
            restricts = action != "none" or account not in ("none", "warn")
            assert (record is not None) == restricts
            assert record is None or faults(record) == []


def test_a_record_says_what_was_done_and_names_nobody() -> None:
    record = record_of(made())
    assert record is not None
    assert msgspec.to_builtins(record) == {
        "puid": "town-example-8000-7",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
        "illegal_content_legal_ground": "Hate",
        "illegal_content_explanation": "The policy says: Be kind.",
        "content_type": ["CONTENT_TYPE_IMAGE", "CONTENT_TYPE_TEXT"],
        "category": "STATEMENT_CATEGORY_VIOLENCE",
        "content_language": "DE",
        "content_date": "2027-01-30",
        "application_date": "2027-01-31",
        "decision_facts": (
            "One item went against the policy “Hate”. It was reported by 3 users of the service. "
            "Two people looked at it, each without knowing what the other said."
        ),
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    }


def test_whoever_gave_notice_is_the_source() -> None:
    found = [record_of(made(noticed=one, reporters=people)) for one in ("anybody", "flagger") for people in (0, 2)]
    sources = {(record.source_type, "trusted flagger" in record.decision_facts) for record in found if record}
    assert sources == {("SOURCE_ARTICLE_16", False), ("SOURCE_TRUSTED_FLAGGER", True)}


@pytest.mark.parametrize(
    ("reporters", "by_machine", "source", "detection", "facts"),
    [
        (1, False, "SOURCE_TYPE_OTHER_NOTIFICATION", "No", "It was reported by one user of the service. Two"),
        (2, True, "SOURCE_TYPE_OTHER_NOTIFICATION", "Yes", "by 2 users of the service. It was found by automated"),
        (0, True, "SOURCE_VOLUNTARY", "Yes", "”. It was found by automated means. Two"),
        (0, False, "SOURCE_VOLUNTARY", "No", "It was found by those who look after the service. Two"),
    ],
)
def test_all_who_brought_it_up_are_named(
    reporters: int, by_machine: bool, source: str, detection: str, facts: str
) -> None:
    found = record_of(made(reporters=reporters, by_machine=by_machine))
    assert found is not None
    assert (found.source_type, found.automated_detection) == (source, detection)
    assert facts in found.decision_facts
    again = record_of(made(reporters=reporters, by_machine=by_machine, again=True))
    assert again is not None
    assert (again.source_type, again.automated_detection) == (source, detection)
    assert "It was looked at again after a complaint. Two" in again.decision_facts


@pytest.mark.parametrize(
    ("reviewers", "informed", "looked"),
    [
        (2, 1, "One person looked at it. One more, who knew what had been said, looked at it after that."),
        (3, 1, "Two people looked at it, each without knowing what the other said. One more, who knew"),
        (5, 1, "4 people looked at it, each without knowing what the others said. One more, who knew"),
        (3, 2, "One person looked at it. 2 more, who knew what had been said, looked at it after that."),
    ],
)
def test_of_whoever_knew_what_others_said_it_says_so(reviewers: int, informed: int, looked: str) -> None:
    assert looked in facts_of(made(reviewers=reviewers, informed=informed))


def test_what_holds_until_it_is_decided_says_so() -> None:
    for reviewers, looked in enumerate(("No person has", "One person has", "2 people have")):
        found = record_of(made(interim=True, reviewers=reviewers))
        assert found is not None
        assert f"{looked} looked at it" in found.decision_facts
        assert "holds until somebody has decided" in found.decision_facts


def test_what_a_machine_did_is_said() -> None:
    found = record_of(made(reporters=0, by_machine=True, reviewers=0))
    assert found is not None
    assert (found.automated_detection, found.automated_decision) == ("Yes", "AUTOMATED_DECISION_FULLY")
    assert "automated means" in found.decision_facts
    helped = record_of(made(by_machine=True))
    assert helped is not None
    assert helped.automated_decision == "AUTOMATED_DECISION_PARTIALLY"


def test_what_ends_by_itself_says_when() -> None:
    found = record_of(made(account_action="freeze", until=datetime(2027, 2, 28, tzinfo=UTC)))
    assert found is not None
    assert (found.end_date_visibility_restriction, found.end_date_service_restriction) == ("2027-02-28", "2027-02-28")
    assert found.end_date_account_restriction is None


def test_long_policies_are_cut() -> None:
    ground = msgspec.structs.replace(GROUND, text="x" * 9000, legal_ground="§ " * 400)
    found = record_of(made(ground=ground))
    assert found is not None
    assert faults(found) == []


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"puid": "a b"}, "puid"),
        ({"puid": "x" * 501}, "puid"),
        ({"decision_visibility": ()}, "decision_visibility"),
        ({"decision_visibility": ["GONE"]}, "decision_visibility"),
        ({"illegal_content_legal_ground": None}, "illegal_content_legal_ground"),
        ({"incompatible_content_ground": "Rules"}, "incompatible_content_ground"),
        ({"category_specification": ["KEYWORD_OTHER"]}, "category_specification_other"),
        ({"content_type": ["CONTENT_TYPE_OTHER"]}, "content_type_other"),
        ({"decision_facts": ""}, "decision_facts"),
        ({"decision_facts": "x" * 5001}, "decision_facts"),
        ({"content_date": "31.1.2027"}, "content_date"),
        ({"content_language": "de"}, "content_language"),
        ({"source_type": "SOMEBODY"}, "source_type"),
        ({"automated_detection": "Perhaps"}, "automated_detection"),
    ],
)
def test_what_the_database_would_refuse_is_found(changes: dict[str, object], wrong: str) -> None:
    record = record_of(made())
    assert record is not None
    found = faults(msgspec.convert(msgspec.to_builtins(record) | changes, Record))
    assert {one.partition(":")[0] for one in found} == {wrong}
