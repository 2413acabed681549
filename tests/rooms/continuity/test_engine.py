"""Whom a host asks when another one is lost: nobody who is lost with it."""

from types import SimpleNamespace
from typing import Any

import pytest
from patroni.dcs import SyncState
from patroni.dcs.etcd3 import PatroniEtcd3Client
from patroni.ha import Ha as PatroniHa

from townsquare.continuity.standby.engine import AWAY, Ha, Voters

OWN, WITNESS, OTHER = (f"https://{name}.example:8701" for name in ("alpha", "gamma", "beta"))


@pytest.fixture
def voters() -> Voters:
    """Of a host; Patroni's own would look for a voter that answers."""
    made = Voters.__new__(Voters)
    vars(made).update(_config={"hosts": [OWN, WITNESS, OTHER]}, _base_uri=OWN, _kv_cache=None)
    return made


def test_the_own_voter_is_asked_first_and_that_of_the_other_host_last(
    voters: Voters, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def found(_self: PatroniEtcd3Client, known: list[str]) -> list[str]:
        asked.append(known)
        return [WITNESS, "https://new.example:8701", OTHER, OWN]

    monkeypatch.setattr(PatroniEtcd3Client, "_get_machines_list", found)
    told = voters._get_machines_list([OTHER, WITNESS, OWN])
    assert told == [OWN, WITNESS, OTHER, "https://new.example:8701"]
    assert asked == [[OWN, WITNESS, OTHER]]


def test_the_own_voter_is_asked_again_after_a_while(voters: Voters, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(one: PatroniEtcd3Client, *_: str) -> None:
        asked.append(one._base_uri)

    monkeypatch.setattr(PatroniEtcd3Client, "api_execute", ask)
    voters.set_base_uri(WITNESS)
    voters.api_execute("/kv/range", "POST")
    voters._left -= AWAY + 1
    voters.api_execute("/kv/range", "POST")
    assert asked == [WITNESS, OWN]


def test_who_led_last_is_not_asked_before_another_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(_self: PatroniHa, members: list[Any]) -> list[Any]:
        asked.extend(one.name for one in members)
        return []

    monkeypatch.setattr(PatroniHa, "fetch_nodes_statuses", ask)
    host = Ha.__new__(Ha)
    host.cluster = SimpleNamespace(sync=SyncState.from_node(1, {"leader": "alpha", "sync_standby": "beta,delta"}))
    host.fetch_nodes_statuses([SimpleNamespace(name=name) for name in ("alpha", "delta")])
    assert asked == ["delta"]
