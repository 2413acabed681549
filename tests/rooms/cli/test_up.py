"""`townsquare up`: started, stopped, killed in every part, and nothing that was acknowledged is lost."""

import os
import signal
import socket
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.live import PATIENCE, Live, Person, begin, free_port, live, run


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder for one service after the other."""
    return tmp_path_factory.mktemp("up") / "data"


@pytest.fixture
def own(place: Path) -> Generator[Live]:
    """A service that a test may end."""
    with live(place, "--workers", "2") as running:
        yield running


@pytest.fixture
def author(own: Live, request: pytest.FixtureRequest) -> Person:
    """Somebody who posts."""
    return own.person(f"author{abs(hash(request.node.name)) % 10**9}")


def eventually(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def post(service: Live, author: Person, text: str) -> str:
    answer = service.post("/api/v1/statuses", author.token, status=text)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def is_there(service: Live, author: Person, status: str) -> bool:
    return service.get(f"/api/v1/statuses/{status}", author.token).status_code == 200


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def is_free(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) != 0


def test_it_says_how_far_it_is_where_it_is_open_and_how_to_claim_it(service: Live) -> None:
    output = service.output
    assert [word in output for word in ("Settings", "PostgreSQL", "Migration", "Web", "Background work")] == [True] * 5
    assert f"is open at  {service.url}\n" in output
    assert service.claim_link.startswith(f"{service.url}/claim/")
    assert "\033[" not in output
    assert oct(service.data.stat().st_mode)[-1] == "0"


def test_the_link_to_claim_it_is_not_printed_when_there_is_an_owner(place: Path) -> None:
    with live(place) as first:
        assert first.claim_link
        first.person("admin", role="owner")
    with live(place) as second:
        assert second.claim_link == ""


def test_health_tells_that_the_database_answers(service: Live) -> None:
    health = service.get("/health")
    assert (health.status_code, health.text) == (200, "OK")


def test_a_second_one_on_the_same_folder_is_refused(service: Live) -> None:
    told = service.run("up", "--port", "1")
    assert told.returncode == 2
    assert f"process {service.process.pid}" in told.stderr
    assert service.answers()


def test_a_second_one_on_the_same_port_is_refused(service: Live, tmp_path: Path) -> None:
    told = run("up", "--data", str(tmp_path / "data"), "--port", str(service.port))
    assert told.returncode == 2
    assert f"Port {service.port}" in told.stderr


def test_commands_use_the_settings_of_the_service(place: Path) -> None:
    given = ("--host", "localhost", "--set", "title=Kleinstadt", "--set", "public_url=https://town.example")
    with live(place, *given) as running:
        assert "Kleinstadt is open at  https://town.example (listening on http://" in running.output
        assert "at https://town.example\n" in running.run("doctor").stdout
        assert "No mail server is set" in running.output


def test_requests_are_logged_where_one_wants_to_know_of_each(place: Path, service: Live) -> None:
    assert service.answers()
    assert '"route":"/health"' not in service.output
    with live(place, "--set", "log.requests=true") as telling:
        assert telling.answers()
        eventually(lambda: '"route":"/health","status":200' in telling.output)


def test_a_token_in_the_address_of_a_stream_is_in_no_log(place: Path) -> None:
    with live(place, "--set", "log.requests=true", "--set", "log.level=debug") as telling:
        assert telling.get("/api/v1/streaming/user?access_token=hunter2hunter2").status_code == 401
        eventually(lambda: '"route":"/api/v1/streaming/user","status":401' in telling.output)
        assert "hunter2" not in telling.output


def test_doctor_finds_a_running_service_well(service: Live) -> None:
    told = service.run("doctor")
    assert told.returncode == 0, told.stdout
    assert all(word in told.stdout for word in ("Database", "Storage", "Mail", "Clock", "Disk", "Open files"))
    assert "All is well." in told.stdout
    assert f"process {service.process.pid}" in told.stdout


def test_doctor_says_what_to_mend(service: Live) -> None:
    told = service.run("doctor", "--set", "mail.host=127.0.0.1", "--set", "mail.port=1", "--set", "mail.sender=a@b.c")
    assert told.returncode == 1
    (line,) = [line for line in told.stdout.splitlines() if line.startswith("✗ Mail ")]
    assert "127.0.0.1:1" in line
    assert "mail.host" in line
    assert "1 to mend." in told.stdout


def test_ctrl_c_stops_everything_and_leaves_nothing_behind(own: Live) -> None:
    parts = own.processes("townsquare-http") + own.processes("townsquare-work")
    assert len(parts) == 3
    postgres = own.postgres()
    assert own.stop(signal.SIGINT) == 0
    assert all(is_gone(pid) for pid in [*parts, postgres])
    assert own.postgres() == 0
    assert is_free(own.port)
    assert not (own.data / "service.json").exists()
    assert "Traceback" not in own.output


def test_what_was_posted_is_there_after_a_stop_and_a_start(place: Path) -> None:
    with live(place) as first:
        author = first.person("returning")
        status = post(first, author, "until tomorrow")
        assert first.stop(signal.SIGTERM) == 0
    with live(place) as second:
        assert is_there(second, author, status)


def test_a_request_under_way_is_finished_before_the_stop(own: Live, author: Person) -> None:
    body = b"status=slowly"
    head = f"POST /api/v1/statuses HTTP/1.1\r\nHost: town\r\nAuthorization: Bearer {author.token}\r\n"
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", own.port), timeout=PATIENCE) as slow:
        slow.sendall(head.encode() + body[:5])
        time.sleep(0.5)
        own.process.send_signal(signal.SIGINT)
        eventually(lambda: is_free(own.port))
        slow.sendall(body[5:])
        answer = slow.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    assert own.process.wait(timeout=PATIENCE) == 0


def test_a_second_ctrl_c_does_not_wait_for_requests(own: Live) -> None:
    with socket.create_connection(("127.0.0.1", own.port)) as hanging:
        hanging.sendall(b"POST /api/v1/statuses HTTP/1.1\r\nHost: town\r\nContent-Length: 10\r\n\r\n")
        time.sleep(0.5)
        own.process.send_signal(signal.SIGINT)
        eventually(lambda: "Stopping" in own.output)
        assert own.process.poll() is None
        own.process.send_signal(signal.SIGINT)
        assert own.process.wait(timeout=PATIENCE) == 0
    assert own.postgres() == 0


def test_the_processes_that_answer_count_requests_together(own: Live) -> None:
    told = [own.get("/api/v1/timelines/public").headers for _ in range(30)]
    for span in {headers["x-ratelimit-reset"] for headers in told}:
        left = [int(headers["x-ratelimit-remaining"]) for headers in told if headers["x-ratelimit-reset"] == span]
        assert left == list(range(left[0], left[0] - len(left), -1))


@pytest.mark.parametrize("name", ["townsquare-http", "townsquare-work"])
def test_a_process_that_is_killed_is_started_again(own: Live, author: Person, name: str) -> None:
    status = post(own, author, f"before the end of {name}")
    killed = own.processes(name)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: set(own.processes(name)) - set(killed) and own.answers())
    assert is_there(own, author, status)
    assert "again" in own.output


def test_postgresql_that_is_killed_is_started_again(own: Live, author: Person) -> None:
    status = post(own, author, "before the crash")
    killed = own.postgres()
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: own.postgres() not in (0, killed) and own.answers())
    assert is_there(own, author, status)
    eventually(lambda: own.processes("townsquare-work"))
    assert "PostgreSQL ended and is started again" in own.output


def test_after_everything_was_killed_the_next_start_goes_on(own: Live, author: Person, place: Path) -> None:
    status = post(own, author, "before the power cut")
    for pid in [own.process.pid, own.postgres(), *own.processes("townsquare-http"), *own.processes("townsquare-work")]:
        os.kill(pid, signal.SIGKILL)
    own.process.wait()
    with live(place, port=own.port) as again:
        assert is_there(again, author, status)


def test_when_the_supervisor_is_killed_its_processes_end_and_the_next_start_adopts_postgresql(
    own: Live, author: Person, place: Path
) -> None:
    status = post(own, author, "before the end of the supervisor")
    parts = own.processes("townsquare-http") + own.processes("townsquare-work")
    postgres = own.postgres()
    own.process.kill()
    own.process.wait()
    eventually(lambda: all(is_gone(pid) for pid in parts))
    with live(place, port=own.port) as again:
        assert "was still running" in again.output
        assert again.postgres() == postgres
        assert is_there(again, author, status)


def test_what_is_shown_follows_the_place_to_another_address(place: Path) -> None:
    with live(place) as first:
        status = post(first, first.person("mover"), "here #yes")
    late = first.run("account", "create", "late", "--email", "late@example.org", "--password", "late and later")
    assert late.returncode == 0, late.stderr
    with live(place) as second:
        assert first.url != second.url
        for path in (f"/api/v1/statuses/{status}", "/api/v1/accounts/lookup?acct=late"):
            eventually(lambda path=path: second.url in (text := second.get(path).text) and first.url not in text)


def test_web_and_work_run_apart(place: Path) -> None:
    with live(place) as made:
        made.person("apart")
    web = begin("web", "--data", str(place), "--port", str(made.port), "--workers", "1")
    work = begin("work", "--data", str(place))
    eventually(made.answers)
    eventually(lambda: work.poll() is None and (place / "postgres" / "postmaster.pid").exists())
    eventually(lambda: f"web (process {web.pid}), work (process {work.pid})" in made.run("doctor").stdout)
    web.send_signal(signal.SIGTERM)
    assert web.wait(timeout=PATIENCE) == 0
    assert work.poll() is None
    assert made.postgres() != 0
    work.send_signal(signal.SIGTERM)
    assert work.wait(timeout=PATIENCE) == 0
    assert made.postgres() == 0


def test_storage_that_cannot_be_opened_stops_the_start_with_a_sentence(place: Path) -> None:
    told = run("up", "--data", str(place), "--port", str(free_port()), "--set", "storage.url=gopher://x")
    assert told.returncode == 2
    assert "storage.url" in told.stderr
    assert "Traceback" not in told.stderr
