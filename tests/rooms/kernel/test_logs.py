"""Logs: a line a machine can read, with the request's id, and nothing in it that would let somebody in."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from townsquare.kernel.logs import Shown, configure, new_request_id, request_id
from townsquare.kernel.settings import Log


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure(Log(level="info", format="json"), stream)
    yield stream
    structlog.reset_defaults()
    logging.basicConfig(handlers=[], force=True)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_says_what_where_when_and_how_grave(out: io.StringIO) -> None:
    structlog.get_logger("jobs").warning("effect failed", tries=3)
    (line,) = lines(out)
    assert (line["event"], line["logger"], line["level"], line["tries"]) == ("effect failed", "jobs", "warning", 3)
    assert line["timestamp"].endswith("Z")


def test_lines_of_a_request_carry_its_id(out: io.StringIO) -> None:
    token = request_id.set("8f14e45fceea167a")
    structlog.get_logger("api").info("inside")
    logging.getLogger("some.library").warning("inside too")
    request_id.reset(token)
    structlog.get_logger("api").info("outside")
    assert [line.get("request_id") for line in lines(out)] == ["8f14e45fceea167a", "8f14e45fceea167a", None]


def test_a_library_that_tries_again_and_again_writes_one_line_an_attempt(out: io.StringIO) -> None:
    try:
        raise ConnectionRefusedError(111, "Connection refused")
    except ConnectionRefusedError:
        logging.getLogger("asyncpg.pool").warning("trying %s", "again", exc_info=True)
        logging.getLogger("another.library").warning("trying", exc_info=True)
    pool, other = lines(out)
    assert pool["event"] == "trying again: [Errno 111] Connection refused"
    assert "exception" not in pool
    assert "Traceback" in other["exception"]


def test_what_is_below_the_level_is_left_out(out: io.StringIO) -> None:
    structlog.get_logger("jobs").debug("details")
    assert lines(out) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("password", "hunter2!"),
        ("new_password", "hunter2!"),
        ("access_token", "hunter2!"),
        ("client_secret", "hunter2!"),
        ("Authorization", "Bearer hunter2!"),
        ("cookie", "session=hunter2!"),
        ("code", "hunter2!"),
        ("header", "Bearer hunter2abc"),
        ("url", "https://example.org/oauth/authorize?code=hunter2!&state=1"),
        ("path", "/claim/hunter2_hunter2-hunter2"),
        ("url", "postgres://square:hunter2!@db.example/square"),
        ("headers", {"authorization": "hunter2!", "cookie": "a=hunter2!"}),
        ("list", ["token=hunter2!", {"password": "hunter2!"}]),
    ],
)
def test_secrets_are_hidden(out: io.StringIO, key: str, value: object) -> None:
    structlog.get_logger("auth").info("seen", **{key: value})
    assert "hunter2" not in out.getvalue()
    assert "(hidden)" in out.getvalue()


def test_secrets_in_a_traceback_are_hidden(out: io.StringIO) -> None:
    try:
        raise ConnectionError("cannot reach postgres://square:hunter2!@db.example/square")
    except ConnectionError:
        structlog.get_logger("db").exception("no database")
    assert "hunter2" not in out.getvalue()
    assert "ConnectionError" in lines(out)[0]["exception"]


def test_what_helps_is_kept(out: io.StringIO) -> None:
    structlog.get_logger("api").info("answered", status=422, path="/api/v1/statuses", url="https://example.org/@alice")
    (line,) = lines(out)
    assert (line["status"], line["path"], line["url"]) == (422, "/api/v1/statuses", "https://example.org/@alice")


def test_a_mail_that_no_mailer_could_send_is_shown_whole(out: io.StringIO) -> None:
    structlog.get_logger("mail").info("not sent", body=Shown("open http://localhost:8000/reset?token=abc123"))
    assert "token=abc123" in lines(out)[0]["body"]


@pytest.mark.parametrize("unit", ["a.", "a+", "a://", "a://b:", "bearer ", "token=", "/claim/", "http://a:b"])
def test_what_strangers_send_does_not_hold_up_the_log(out: io.StringIO, unit: str) -> None:
    """A hundred kilobytes took half a minute where each place of a text was looked at to its end."""
    structlog.get_logger("http").error("request failed", error=unit * (100_000 // len(unit)))
    assert len(lines(out)) == 1


def test_a_line_break_in_a_value_makes_no_second_line(out: io.StringIO) -> None:
    structlog.get_logger("api").info("seen", name="x\n{}\ny")
    assert len(out.getvalue().splitlines()) == 1


def test_text_for_people() -> None:
    stream = io.StringIO()
    configure(Log(format="text"), stream)
    structlog.get_logger("jobs").info("started", workers=2)
    assert "started" in stream.getvalue()
    assert "workers=2" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_a_request_id_from_a_proxy_is_kept_when_it_is_a_plain_one() -> None:
    assert new_request_id("0af7651916cd43dd8448eb211c80319c") == "0af7651916cd43dd8448eb211c80319c"
    assert new_request_id("bad\nid: 1") != "bad\nid: 1"
    assert len({new_request_id() for _ in range(100)}) == 100
