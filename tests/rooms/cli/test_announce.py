"""`townsquare announce`: what everybody is told."""

import httpx

from tests.live import Live


def told(service: Live, token: str) -> list[str]:
    answer = httpx.get(f"{service.url}/api/v1/announcements", headers={"Authorization": f"Bearer {token}"})
    return [one["content"] for one in answer.json()]


def test_something_is_announced_changed_and_taken_back(service: Live) -> None:
    token = service.person("herald").token
    said = service.run("announce", "publish", "Hello #town")
    assert "is published" in said.stdout, said.stderr
    number = said.stdout.split()[0]
    assert any("Hello" in one for one in told(service, token))
    later = service.run("announce", "publish", "-", "--at", "2999-12-31T10:00", stdin="Not yet")
    assert "will be published at 2999-12-31 10:00 UTC" in later.stdout
    assert "Not yet" in service.run("announce", "list").stdout
    assert not any("Not yet" in one for one in told(service, token))
    assert service.run("announce", "change", number, "Good evening").returncode == 0
    assert any("Good evening" in one for one in told(service, token))
    assert service.run("announce", "remove", number).returncode == 0
    assert not any("Good evening" in one for one in told(service, token))


def test_what_cannot_be_announced_is_told_in_a_sentence(service: Live) -> None:
    said = service.run("announce", "publish", "Hello", "--starts", "2999-12-31")
    assert (said.returncode, len(said.stderr.splitlines())) == (2, 1)
    assert "when it ends" in said.stderr
    assert "no announcement" in service.run("announce", "remove", "1").stderr
    assert "write a time" in service.run("announce", "publish", "Hello", "--at", "soon").stderr
