"""Signing up: who may, and what must be said. All that is wrong is told at once."""

from datetime import date, datetime

import msgspec

from townsquare.accounts.model import Wrong, wrong_username
from townsquare.auth import store
from townsquare.auth.emails import tidy_email, wrong_email
from townsquare.auth.invites import find_invite, use_invite
from townsquare.auth.model import User
from townsquare.auth.passwords import wrong_choice
from townsquare.auth.throttle import SIGN_UP, SIGN_UP_TRIES, count_try, network_of
from townsquare.auth.users import NewUser, create_user
from townsquare.auth.wrong import BLANK, TAKEN, invalid, too_long
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Forbidden
from townsquare.kernel.settings import Settings, SignUpMode
from townsquare.kernel.text import valid_language
from townsquare.kernel.text.normalise import repaired
from townsquare.kernel.words import Words
from townsquare.policies.blocks import sign_up_from, wrong_provider

_REASON_LENGTH = 2000
_OLDEST = 120
_INVALID: Wrong = ("ERR_INVALID", Words("is invalid"))
_INVITE: Wrong = (
    "ERR_INVALID",
    Words("is not a valid invitation, or has been used up; ask whoever gave it to you for another"),
)


class SignUpForm(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says who wants an account. `date_of_birth` is `2001-12-31` or `31.12.2001`; it is not kept."""

    username: str = ""
    email: str = ""
    password: str = ""
    agreement: bool = False
    locale: str = "en"
    reason: str | None = None
    date_of_birth: str | None = None
    of_age: bool = False
    """Said by ticking a box, where no date is asked for."""
    invite_code: str | None = None


async def check_sign_up(db: Db, form: SignUpForm, *, settings: Settings, address: str, now: datetime) -> None:
    """Raise Forbidden, TooMany or Invalid (with Mastodon's `details`, all of them) unless they may have an account.

    `db` is not a transaction that a refusal rolls back: the try is counted.
    """
    if settings.sign_up.mode is SignUpMode.CLOSED:
        raise Forbidden("Sign-up is closed at the moment")
    if await sign_up_from(db, address) == "closed":
        raise Forbidden("Nobody can sign up from your network")
    if settings.limits.enabled:
        await count_try(db, SIGN_UP_TRIES, f"sign-up-tries@{network_of(address)}", now)
    wrong = _wrong_fields(form, settings, now)
    known = {field for field, _ in wrong}
    wrong += await _wrong_here(db, form, known, settings, now)
    if "email" not in known and (blocked := await wrong_provider(db, tidy_email(form.email), address, now)) is not None:
        wrong = [*(one for one in wrong if one[0] != "email"), ("email", blocked)]
    if wrong:
        raise invalid(wrong)
    if settings.limits.enabled:
        await count_try(db, SIGN_UP, f"sign-up@{network_of(address)}", now)


async def sign_up(
    tx: Tx, form: SignUpForm, *, settings: Settings, address: str, now: datetime, app_id: int | None = None
) -> User:
    """An account for whoever was checked by `check_sign_up`; their standing says what is still to be done."""
    watched = await sign_up_from(tx, address) != "open"
    invite = form.invite_code
    if invite and not await use_invite(tx, invite, now):
        raise invalid([("invite_code", _INVITE)])
    new = NewUser(
        username=form.username.strip(),
        email=form.email,
        password=form.password,
        locale=valid_language(form.locale) or "en",
        confirmed=not settings.sign_up.confirm_email,
        approved=not watched and (settings.sign_up.mode is not SignUpMode.APPROVAL or bool(invite)),
        agreed=True,
        of_age=settings.sign_up.minimum_age > 0,
        reason=repaired(form.reason).strip() if form.reason else None,
        invite_code=invite or None,
        app_id=app_id,
        address=address,
    )
    return await create_user(tx, new, settings=settings, now=now)


def _wrong_fields(form: SignUpForm, settings: Settings, now: datetime) -> list[tuple[str, Wrong]]:
    found: list[tuple[str, Wrong | None]] = [
        ("username", wrong_username(form.username.strip())),
        ("email", wrong_email(form.email)),
        ("password", wrong_choice(form.password, form.username.strip(), form.email.strip())),
        ("agreement", None if form.agreement else ("ERR_ACCEPTED", Words("must be accepted"))),
        ("reason", _wrong_reason(form, settings)),
        ("date_of_birth", _wrong_age(form, settings.sign_up.minimum_age, now.date())),
    ]
    return [(field, wrong) for field, wrong in found if wrong is not None]


async def _wrong_here(
    db: Db, form: SignUpForm, known: set[str], settings: Settings, now: datetime
) -> list[tuple[str, Wrong]]:
    """What is wrong because of those who came before, of the fields that are not known to be wrong."""
    wrong: list[tuple[str, Wrong]] = []
    if "username" not in known and await store.id_by_username(db, form.username.strip()) is not None:
        wrong.append(("username", TAKEN))
    if "email" not in known and await store.id_by_email(db, form.email) is not None:
        wrong.append(("email", TAKEN))
    if form.invite_code:
        if await find_invite(db, form.invite_code, now) is None:
            wrong.append(("invite_code", _INVITE))
    elif settings.sign_up.mode is SignUpMode.INVITE:
        wrong.append(("invite_code", BLANK))
    return wrong


def _wrong_reason(form: SignUpForm, settings: Settings) -> Wrong | None:
    if settings.sign_up.mode is SignUpMode.APPROVAL and not form.invite_code and not (form.reason or "").strip():
        return BLANK
    return too_long(_REASON_LENGTH) if len(form.reason or "") > _REASON_LENGTH else None


def _wrong_age(form: SignUpForm, minimum: int, today: date) -> Wrong | None:
    if minimum <= 0 or (form.of_age and not form.date_of_birth):
        return None
    if not form.date_of_birth:
        return BLANK
    born = parse_date(form.date_of_birth)
    if born is None or not 0 <= (age := age_on(born, today)) <= _OLDEST:
        return _INVALID
    return ("ERR_BELOW_LIMIT", Words("is below the age limit")) if age < minimum else None


def parse_date(text: str) -> date | None:
    """A day as `2001-12-31` or, as Mastodon's own apps send it, `31.12.2001`."""
    day, _, rest = text.strip().partition(".")
    month, _, year = rest.partition(".")
    try:
        return date.fromisoformat(f"{year}-{month:0>2}-{day:0>2}" if rest else day)
    except ValueError:
        return None


def age_on(born: date, today: date) -> int:
    """Full years. Who was born on 29 February is a year older on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
