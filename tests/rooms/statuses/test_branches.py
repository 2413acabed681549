"""Threads as they are laid out to be read."""

from townsquare.statuses.branches import ABOVE, BRANCH, LEVELS, ROOM, Line, Tree, branches_of, tree_of, way_to
from townsquare.statuses.store_thread import ThreadPost

ANN, BEN = 1, 2


def thread(*posts: tuple[int, int, int]) -> Tree:
    """Of ids, authors and what is answered; ann's 1 comes first."""
    return tree_of({number: ThreadPost(number, author, to) for number, author, to in [(1, ANN, 0), *posts]})


def drawn(lines: list[Line]) -> list[str]:
    """Each line: how far in, the id, `|` where the next is joined to it, `+N` for answers left out."""
    return [f"{'>' * one.level}{one.key.id}{'|' * one.joined}{f'+{one.folded}' if one.folded else ''}" for one in lines]


def below(tree: Tree, number: int = 1, after: int = 0) -> list[str]:
    return drawn(list(branches_of(tree, number, after).lines))


def test_the_authors_own_thread_comes_first_and_answers_to_its_parts_after_it() -> None:
    tree = thread((2, BEN, 1), (3, ANN, 1), (4, BEN, 3), (5, ANN, 3))
    assert below(tree) == ["3|", "5", "2", "4"]
    assert [one.part for one in branches_of(tree, 1).lines] == [0, 0, 0, 1]


def test_a_conversation_stays_where_it_stands_until_it_parts() -> None:
    assert below(thread((2, BEN, 1), (3, ANN, 2), (4, BEN, 3), (5, ANN, 4), (6, 3, 4))) == [
        "2|", "3|", "4", ">5", ">6",
    ]  # fmt: skip


def test_it_moves_in_so_far_and_no_further() -> None:
    """Each answer has two answers, for ever."""
    posts = [(2, BEN, 1)] + [(number, BEN + number, 2 + (number - 3) // 2) for number in range(3, 200)]
    lines = branches_of(thread(*posts), 1).lines
    assert max(one.level for one in lines) == LEVELS
    assert len(lines) <= BRANCH + 2 * LEVELS + 2
    assert sum(one.folded or 1 for one in lines) == len(posts)


def test_a_conversation_of_a_thousand_has_a_page_of_bounded_length() -> None:
    tree = thread(*[(number, number % 2 + 2, number - 1) for number in range(2, 1001)])
    assert len(branches_of(tree, 1).lines) <= BRANCH + 1
    way = way_to(tree, 1000)
    assert len(way.keys) == ABOVE + 1
    assert (way.keys[0].id, way.keys[1].id, way.skipped) == (1, 1000 - ABOVE, 998 - ABOVE)


def test_an_author_who_goes_on_for_long_is_led_to() -> None:
    tree = thread(*[(number, ANN, number - 1) for number in range(2, 200)])
    lines = branches_of(tree, 1).lines
    assert len(lines) == ROOM + 1
    assert (lines[-1].key.id, lines[-1].folded) == (ROOM + 1, 199 - ROOM - 1)


def test_a_thousand_answers_are_paged_and_each_is_shown_once() -> None:
    tree = thread(*[(number, BEN, 1) for number in range(2, 1002)])
    seen, after = list[int](), 0
    while True:
        page = branches_of(tree, 1, after)
        assert len(page.lines) <= ROOM + BRANCH
        seen += [one.key.id for one in page.lines]
        after = page.next
        if not after:
            break
    assert seen == list(range(2, 1002))


def test_what_answered_a_deleted_post_is_still_there() -> None:
    tree = thread((3, BEN, 2), (4, ANN, 3))
    assert below(tree) == ["3|", "4"]
    assert branches_of(tree, 1).lines[0].lost
    assert way_to(tree, 4).lost
    assert not way_to(thread((2, BEN, 1)), 2).lost
