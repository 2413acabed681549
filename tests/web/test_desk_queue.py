"""Which case somebody is given at the desk, and how they pass one on."""

from tests.support.square import Square
from tests.web.test_desk import THREAT, at_desk, decide, reported, said
from townsquare.kernel.settings_sources import become


async def test_a_case_is_put_off_handed_over_and_given_back(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ann, ben)
    mod, other = await at_desk(square, "mod"), await square.person("other", role="moderator")
    path = f"/desk/cases/{case_id}"
    await mod.send("/desk/next", page="/desk")
    assert (await mod.send(f"{path}/back", page=path)).status_code == 303
    assert (await mod.send(f"{path}/snooze", page=path, wait="hour", note="Ask legal")).status_code == 303
    assert "Put off" in await said(await mod.get("/desk"))
    assert "Ask legal" in await said(await mod.get(path))
    assert (await mod.send(f"{path}/hand-over", page=path, to=str(other.id))).status_code == 303
    assert await square.db.value("SELECT assigned_id FROM cases WHERE id = $1", case_id) == other.id
    assert (await mod.send(f"{path}/hand-over", page=path, queue="legal")).status_code == 303
    assert (await mod.get(path)).status_code == 403
    long = await at_desk(square, "boss", "owner")
    refused = await long.send(f"{path}/snooze", page=path, wait="hour", note="x" * 5001)
    assert refused.status_code == 422
    assert (await long.send(f"{path}/hand-over", page=path, queue="general")).status_code == 303
    await square.db.execute("UPDATE cases SET due_at = now() WHERE id = $1", case_id)
    page = await said(await mod.get(path))
    assert "it waits an hour at most" in page
    assert 'value="week"' not in page
    refused = await mod.send(f"{path}/snooze", page=path, wait="hour")
    assert refused.status_code == 422
    assert "why what presses waits" in refused.text
    refused = await mod.send(f"{path}/hand-over", page=path, to=str(ann.id), note="You know them")
    assert refused.status_code == 403
    assert 'value="You know them"' in refused.text


async def test_whoever_has_seen_enough_is_given_lighter_cases(square: Square) -> None:
    become(square.services.settings, square.services.settings, {"moderation.exposure_budget": 1})
    ann, ben = await square.person("ann"), await square.person("ben")
    cases = [
        await reported(square, ann, ben, text)
        for text in (THREAT, "Another of the worst kind, told at length", "A third one about rain and ducks")
    ]
    for number, severity in zip(cases, (1, 1, 4), strict=True):
        await square.db.execute("UPDATE cases SET severity = $2 WHERE id = $1", number[0], severity)
    mod = await at_desk(square, "mod")
    first = await mod.send("/desk/next", page="/desk")
    await mod.get(first.headers["location"])
    await decide(mod, int(first.headers["location"].rpartition("/")[2]), "label")
    page = await said(await mod.get("/desk"))
    assert "which is enough for a day" in page
    assert f"/desk/cases/{cases[2][0]}" in page, "the lighter one is before them"
    await decide(mod, cases[2][0], "none")
    spared = await mod.send("/desk/next", page="/desk")
    assert spared.headers["location"] == "/desk"
    assert "have seen enough of them today" in await said(await mod.get("/desk"))
    anyway = await mod.send("/desk/next", page="/desk", anyway="true")
    assert anyway.headers["location"].startswith("/desk/cases/")


async def test_the_next_case_is_kept_for_who_decides_one_and_let_go_when_they_leave(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    first, _ = await reported(square, ann, ben)
    second, _ = await reported(square, ann, ben, "Buy these shoes now and never walk in others")
    mod, other = await at_desk(square, "mod"), await at_desk(square, "other")
    mine = int((await mod.send("/desk/next", page="/desk")).headers["location"].rpartition("/")[2])
    await mod.get(f"/desk/cases/{mine}")
    ahead = int((await mod.send("/desk/ahead", page="/desk", case=str(mine))).json()["case"])
    assert {mine, ahead} == {first, second}
    assert (await mod.send("/desk/ahead", page="/desk", case=str(mine))).json()["case"] == str(ahead)
    left = await square.db.value("SELECT extract(epoch FROM locked_until - now()) FROM cases WHERE id = $1", ahead)
    assert left < 300, "what nobody has seen is not kept for long"
    assert (await other.send("/desk/next", page="/desk")).headers["location"] == "/desk"
    assert await square.db.value("SELECT count(*) FROM desk_seen") == 1
    await mod.send("/desk/ahead/end", page="/desk", let_go=str(ahead))
    await mod.send("/desk/ahead/end", page="/desk", let_go=str(mine))
    taken = await other.send("/desk/next", page="/desk")
    assert taken.headers["location"] == f"/desk/cases/{ahead}", "what is before somebody is not let go so"
    assert (await mod.send("/desk/ahead/shown", page="/desk", case=str(ahead))).status_code == 403
    assert (await mod.send("/desk/ahead", page="/desk", case=str(mine))).json()["case"] is None
    again = await mod.send("/desk/next", page="/desk")
    assert again.headers["location"] == f"/desk/cases/{mine}", "first what they have before them"


async def test_what_somebody_opens_by_its_link_counts_as_seen_and_what_is_loaded_for_later_does_not(
    square: Square,
) -> None:
    become(square.services.settings, square.services.settings, {"moderation.exposure_budget": 1})
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ann, ben)
    await square.db.execute("UPDATE cases SET severity = 1")
    mod = await at_desk(square, "mod")
    ahead = await mod.http.get(f"/desk/cases/{case_id}", headers={"part": "ahead"})
    assert ahead.status_code == 200
    assert "which is enough for a day" not in await said(await mod.get("/desk"))
    assert THREAT in await said(await mod.get(f"/desk/cases/{case_id}"))
    assert "which is enough for a day" in await said(await mod.get("/desk"))


async def test_after_some_of_the_worst_kind_comes_something_lighter(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    words = (
        "They shall all burn before the week is over",
        "Wait until my brothers find out where you live",
        "Nobody who votes for that crowd will get home safely",
        "I have a list and your whole street is on it",
        "One brick through each of their windows, tonight",
        "Cheap watches, straight from the factory, only here",
    )
    numbers = [(await reported(square, ann, ben, one))[0] for one in words]
    await square.db.execute(
        "UPDATE cases SET severity = 1, reach = 1000, due_at = now() WHERE id = ANY($1::bigint[])", numbers[:5]
    )
    mod = await at_desk(square, "mod")
    await mod.send("/desk/next", page="/desk")
    seen: list[int] = []
    for _ in range(5):
        # Deciding takes the next one at once.
        seen.append(await square.db.value("SELECT id FROM cases WHERE locked_id IS NOT NULL AND state = 'open'"))
        await square.db.execute("UPDATE desk_seen SET seen_at = seen_at - interval '1 second'")
        await mod.get(f"/desk/cases/{seen[-1]}")
        await decide(mod, seen[-1], "label")
    assert seen.index(numbers[5]) == 4


async def test_what_is_refused_is_no_further_look(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _ = await reported(square, ann, ben)
    mod = await at_desk(square, "mod")
    taken = await mod.send("/desk/next", page="/desk")
    assert await square.db.value("SELECT count(*) FROM desk_seen") == 0, "it is seen when it is shown"
    await mod.get(taken.headers["location"])
    first = await square.db.value("SELECT seen_at FROM desk_seen")
    assert (await decide(mod, case_id, "")).status_code == 422
    assert await square.db.value("SELECT seen_at FROM desk_seen") == first
