"""Whether all of Mastodon's client API is there, and the document that says so is true."""

from scripts.client_api import DIFFERENCES, ELSEWHERE, PAGE, STREAMS, methods, missing, narrower, page, served, shape
from tests.support.square import Square


def test_every_method_is_served() -> None:
    assert missing() == []


def test_what_the_documentation_asks_for_is_enough() -> None:
    assert list(narrower()) == []


def test_the_document_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make client-api`"


def test_what_is_said_of_a_method_is_said_of_one_that_exists() -> None:
    names = {one.name for one in methods()}
    assert DIFFERENCES.keys() <= names
    assert ELSEWHERE.keys() <= names
    assert not {name for name in ELSEWHERE if shape(*name.split(" ", 1)) in served()}


async def test_what_other_doors_answer_is_there(square: Square) -> None:
    for name in ELSEWHERE.keys() - set(STREAMS):
        verb, path = name.split(" ", 1)
        answer = await square.http.request(verb, path)
        assert answer.status_code not in (404, 405), name
