"""`townsquare rules`: what holds here."""

from typing import Any

import httpx

from tests.live import Live


def rules(service: Live) -> list[dict[str, Any]]:
    return httpx.get(f"{service.url}/api/v1/instance/rules").json()


def test_rules_are_added_changed_translated_and_ended(service: Live) -> None:
    first, second = [service.run("rules", "add", text).stdout.split()[0] for text in ("No spam", "Be kind")]
    assert service.run("rules", "change", second, "--position", "0", "--hint", "Always").returncode == 0
    service.run("rules", "translate", second, "de", "Seid freundlich", "--hint", "Immer")
    shown = [one for one in rules(service) if one["id"] in (first, second)]
    assert [one["text"] for one in shown] == ["Be kind", "No spam"]
    assert shown[0]["hint"] == "Always"
    assert shown[0]["translations"] == {"de": {"text": "Seid freundlich", "hint": "Immer"}}
    assert "    de: Seid freundlich\n" in service.run("rules", "list").stdout
    service.run("rules", "translate", second, "de", "")
    assert service.run("rules", "remove", first).returncode == 0
    shown = [one for one in rules(service) if one["id"] in (first, second)]
    assert [(one["text"], one["translations"]) for one in shown] == [("Be kind", {})]


def test_what_is_wrong_is_told_in_a_sentence(service: Live) -> None:
    assert "no rule" in service.run("rules", "remove", "1").stderr
    assert "no rule" in service.run("rules", "translate", "1", "de", "Nichts").stderr
    assert "Language" in service.run("rules", "translate", "1", "klingonish", "Nichts").stderr
    assert "blank" in service.run("rules", "add", " ").stderr
