"""`townsquare emoji`: the place's own emojis."""

from pathlib import Path
from typing import Any

import httpx

from tests.live import Live
from tests.rooms.media import pictures


def listed(service: Live) -> dict[str, Any]:
    return {one["shortcode"]: one for one in httpx.get(f"{service.url}/api/v1/custom_emojis").json()}


def test_a_folder_is_imported_and_each_emoji_changed(service: Live, tmp_path: Path) -> None:
    (tmp_path / "Town").mkdir()
    (tmp_path / "Town" / "tram.png").write_bytes(pictures.png())
    (tmp_path / "bus.gif").write_bytes(pictures.gif(pictures.moving_frames()))
    (tmp_path / "notes.txt").write_text("no picture")
    said = service.run("emoji", "import", str(tmp_path))
    assert said.stdout == "2 added.\n", said.stderr
    assert {code: one["category"] for code, one in listed(service).items()} == {"bus": None, "tram": "Town"}
    assert httpx.get(listed(service)["tram"]["url"]).headers["content-type"] == "image/png"

    service.run("emoji", "add", "boat", str(tmp_path / "Town" / "tram.png"), "--category", "Water")
    service.run("emoji", "categorise", "bus", "Town")
    service.run("emoji", "hide", "tram")
    assert {code: one["category"] for code, one in listed(service).items()} == {"boat": "Water", "bus": "Town"}
    service.run("emoji", "show", "tram")
    service.run("emoji", "disable", "boat")
    assert ":boat:  Water  disabled\n" in service.run("emoji", "list").stdout
    service.run("emoji", "remove", "boat")
    assert listed(service).keys() == {"bus", "tram"}


def test_what_is_no_emoji_is_told(service: Live, tmp_path: Path) -> None:
    (tmp_path / "no-dashes.png").write_bytes(pictures.png())
    (tmp_path / "broken.png").write_bytes(b"no picture")
    said = service.run("emoji", "import", str(tmp_path))
    assert said.returncode == 1
    assert "no shortcode" in said.stdout
    assert said.stdout.endswith("0 added, 2 refused.\n")
    assert "no folder" in service.run("emoji", "import", str(tmp_path / "none")).stderr
    assert "no emoji :nobody:" in service.run("emoji", "remove", "nobody").stderr
