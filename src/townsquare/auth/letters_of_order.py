"""What people are told of decisions: a statement of reasons for its author, the outcome for whoever reported it."""

from collections.abc import Mapping, Sequence
from typing import Final

from townsquare.auth.events import SendMail
from townsquare.kernel.words import Words

MEANWHILE: Final = "meanwhile-"
"""Before what holds until it is decided."""
_DONE: Final[Mapping[str, Words]] = {
    "label": Words("What you posted carries a note now that says which rule it touches."),
    "warning": Words("What you posted is behind a warning now; whoever wants to see it can."),
    "sensitive": Words("What you posted is marked as sensitive now: it is covered until somebody wants to see it."),
    "limit": Words("What you posted is seen by your followers only from now on, and in no public timeline."),
    "hold": Words("What you posted is held back: only you can still see it."),
    "remove": Words("What you posted was removed. Only you can still see it."),
    "account-warn": Words("This is a warning. Nothing else follows from it this time."),
    "account-sensitive": Words("From now on the pictures and films in all of your posts are covered."),
    "account-limit": Words("Your account is limited: only people who follow you see what you post."),
    "account-freeze": Words("Your account is frozen: you can read, take your data with you and appeal, but not post."),
    "account-disable": Words("You can no longer sign in. What you posted stays where it is."),
    "account-suspend": Words("Your account is suspended: nobody can see your profile and your posts."),
    "granted": Words("Your appeal was granted: the decision does not stand any more."),
    "stands": Words("Somebody else has looked at your appeal. The decision stands."),
    "reopened": Words(
        "What was said about your appeal was taken back. Somebody looks at it again; until then the decision stands."
    ),
    "released": Words("What held for the time being has been looked at, and does not hold any more."),
    "lapsed": Words(
        "Nobody has looked within two weeks at what held for the time being, so it does not hold any more. It waits on."
    ),
    "ended": Words("What was done about your account does not hold any more. What was done with posts stays as it is."),
    "given-back": Words("A decision was taken back for one of your posts. For the others that it names it stands."),
    "undone": Words("A decision about what you posted was taken back. All is as it was before."),
}
_HELD: Final = Words("What you posted is shown to nobody while it is looked at.")
"""What is said of it while that is not decided."""
_ENDED: Final[Mapping[str, Words]] = {
    "ended-time": Words("Your account is deleted for good: it was suspended, and the time to appeal is over."),
    "ended-asked": Words("Your account is deleted for good, because you asked for that while it was suspended."),
    "ended-law": Words("Your account is deleted for good, because a law demands it. It was suspended before."),
}
_GONE: Final = Words(
    "All that belonged to it is being erased. Its name stays taken, so that nobody else can be thought to be you."
)
_AFTER: Final = Words(
    "The link leads to the statement of reasons, and from there to that of the suspension, which says until when you "
    "can appeal."
)
_WARNED_TOO: Final = Words("You are warned as well.")
_REDRESS: Final = Words(
    "The link leads to the whole statement of reasons. There you can appeal against the decision for six months, free "
    "of charge; somebody else will decide then."
)
ELSEWHERE: Final = Words("You can also turn to a body for the settlement of disputes out of court, or to a court.")
"""With all that is decided, and with all that stays so when somebody else has looked (Regulation 2022/2065, articles 16
(5), 17 (3) f and 20 (5)).
"""
BY_MACHINE: Final = Words("A machine's estimate had a part in it.")
_NOT_YET: Final = Words(
    "This holds until it is decided. The link leads to the statement of reasons, where you can say what you think, for "
    "those who decide. You are told what they decide, and can appeal against that for six months, free of charge. What "
    "else is held within the hour stands in the settings, under Decisions."
)
_OUTCOMES: Final[Mapping[str, Words]] = {
    "granted": Words("Your appeal was granted: something was done about what you reported."),
    "stands": Words("Somebody else has looked at your appeal. What you reported stays as it is."),
    "upheld": Words("Thank you for your report. It went against our rules, and something was done about it."),
    "kept": Words("Thank you for your report. We found nothing that goes against our rules, so it stays as it is."),
    "reopened": Words("What was said about your appeal was taken back. Somebody looks at it again."),
    "undone": Words("What was decided about your report was taken back. If it is looked at again, you are told."),
    "reversed": Words(
        "Somebody appealed, and somebody else has looked again at what you reported. They found nothing that goes "
        "against our rules: all is as it was before."
    ),
    "changed": Words(
        "Somebody appealed, and somebody else has looked again at what you reported. Something else was done about it."
    ),
    "restored": Words(
        "What you were told last about your report was taken back. Until somebody has looked at it again, what was "
        "decided before holds."
    ),
}
_HOW: Final[Mapping[str, Words]] = {
    "unseen": Words(
        "No person has looked at all of it: what is so much like what was decided before is decided the same way."
    ),
    "machine": BY_MACHINE,
}
"""Who decided, where it was not people alone (article 16 (6))."""
_OPEN: Final = ("granted", "reopened", "restored")
"""What somebody has won, or what is not decided."""
_MISUSE: Final[Mapping[str, tuple[Words, ...]]] = {
    "reports-warning": (
        Words("Many of your reports were clearly unfounded: nobody who looked at them found anything wrong."),
        Words("This is a warning. If it goes on, you cannot report for a while; threats and the like you always can."),
    ),
    "reports-suspension": (
        Words("Many of your reports were clearly unfounded, also after a warning: nobody found anything wrong."),
        Words("You cannot report for now. Threats, terrorism and the abuse of children can always be reported."),
    ),
    "appeals-warning": (
        Words("Many of your appeals were turned down by people who had not decided before."),
        Words("This is a warning. If it goes on, you cannot appeal for a while."),
    ),
    "appeals-suspension": (
        Words("Many of your appeals were turned down, also after a warning, by people who had not decided before."),
        Words("You cannot appeal for now. Courts are open to you, and bodies that settle disputes outside of court."),
    ),
    "reports-undo": (Words("What was said about your reports was taken back. You can report as before."),),
    "appeals-undo": (Words("What was said about your appeals was taken back. You can appeal as before."),),
}
_AGAIN: Final = Words("If you think that this is wrong, you can appeal for six months; somebody else will decide then.")

Parts = tuple[str, tuple[str, ...], str]
"""Subject, paragraphs, and what stands on the link."""


def statement(letter: SendMail, title: str) -> Parts:
    """To whoever made what is restricted. `text`: the policy, and what the staff add, in paragraphs. `action`: what is
    done with what they posted, and about their account, or what became of that.
    """
    if letter.action in _ENDED:
        subject = Words("Your account at %(title)s is deleted", title=title)
        return subject, (_ENDED[letter.action], _GONE, _AFTER, ELSEWHERE), Words("Read the decision")
    undone = letter.action in ("undone", "granted", "stands", "reopened", "released", "lapsed", "ended", "given-back")
    meanwhile, done = letter.action.startswith(MEANWHILE), letter.action.removeprefix(MEANWHILE).split()
    subject = (
        Words("A decision was looked at again at %(title)s", title=title)
        if undone
        else Words("A decision about your account or posts at %(title)s", title=title)
    )
    said = tuple(part.strip() for part in letter.text.split("\n\n") if part.strip())
    redress = () if undone else (_NOT_YET,) if meanwhile else (_REDRESS, ELSEWHERE)
    redress = (ELSEWHERE,) if letter.action == "stands" else redress
    told = _done(done or ["account-warn"], meanwhile=meanwhile)
    return subject, (*told, *said, *redress), Words("Read the decision")


def _done(words: Sequence[str], *, meanwhile: bool) -> list[Words]:
    told = [_HELD if meanwhile and word == "hold" else _DONE[word] for word in words]
    return [*told[:-1], _WARNED_TOO] if len(told) > 1 and words[-1] == "account-warn" else told


def outcome(letter: SendMail, title: str) -> Parts:
    """To whoever reported something. `action`: what came of it, and how (`_HOW`), in words."""
    subject = Words("Your report at %(title)s was decided", title=title)
    word, *how = letter.action.split() or ["kept"]
    again = () if word in ("granted", "stands", "undone", "reopened", "restored") else (_AGAIN,)
    elsewhere = () if word in _OPEN else (ELSEWHERE,)
    return subject, (_OUTCOMES[word], *(_HOW[one] for one in how), *again, *elsewhere), Words("See what was decided")


def misuse(letter: SendMail, title: str, until: str, contact: str) -> Parts:
    """To whoever reports, or appeals, without reason again and again. `until`: for how long, in words."""
    subject = (
        Words("About your reports at %(title)s", title=title)
        if letter.action.startswith("reports")
        else Words("About your appeals at %(title)s", title=title)
    )
    ends = (Words("That ends on %(at)s.", at=until),) if until and not letter.action.endswith("-undo") else ()
    word = (
        Words(
            "If you think that this is wrong, write to those who look after this place: %(address)s.", address=contact
        )
        if contact
        else Words("If you think that this is wrong, write to those who look after this place.")
    )
    again = () if letter.action.endswith("-undo") else (word,)
    return subject, (*_MISUSE[letter.action or "reports-warning"], *ends, *again), Words("See your reports")


def jury(title: str, until: str) -> Parts:
    """To somebody who was drawn. `until`: by when they answer, in words."""
    return (
        Words("You were drawn for a jury at %(title)s", title=title),
        (
            Words("Somebody appeals against a decision, and you were drawn by lot to say what you think of it."),
            Words(
                "You can answer until %(at)s, or say that somebody else should. Who says what is told to nobody.",
                at=until,
            ),
        ),
        Words("See what it is about"),
    )
