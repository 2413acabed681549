"""Email addresses: their form, when two of them are the same, and how they are kept.

An address is sealed for whose it is; found, and found to be taken, it is by its print (docs/decisions/029-at-rest.md).
"""

import re

from townsquare.accounts.model import Wrong
from townsquare.auth.wrong import BLANK, too_long
from townsquare.kernel.keyring import Keyring
from townsquare.kernel.words import Words

LONGEST = 254
_INVALID: Wrong = ("ERR_INVALID", Words("is not a valid e-mail address"))
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_LOCAL_LENGTH = 64


def tidy_email(text: str) -> str:
    """An address as it is kept and written to: without white space around it, the domain as DNS writes it."""
    local, at, domain = text.strip().rpartition("@")
    return f"{local}{at}{_ascii_domain(domain)}"


def fold_email(text: str) -> str:
    """The key of an address: addresses that differ in capitals only are one."""
    return tidy_email(text).lower()


def seal_email(keys: Keyring, account_id: int, email: str) -> bytes:
    """As it stands in the row of whoever it belongs to."""
    return keys.seal("addresses", email.encode(), f"user:{account_id}")


def open_email(keys: Keyring, account_id: int, sealed: bytes) -> str:
    return keys.open("addresses", sealed, f"user:{account_id}").decode()


def print_email(keys: Keyring, email: str) -> bytes:
    """The same for all ways in which the address can be written."""
    return keys.print(fold_email(email).encode(), "email")


def print_provider(keys: Keyring, email: str) -> bytes:
    """Of the domain of an address, or of `@domain`."""
    return keys.print(fold_email(email).rpartition("@")[2].encode(), "provider")


def wrong_email(text: str) -> Wrong | None:
    """What is wrong with an address, if anything: the common form of RFC 5321, without quotes and address literals."""
    email = tidy_email(text)
    if not email:
        return BLANK
    if len(email) > LONGEST:
        return too_long(LONGEST)
    local, _, domain = email.rpartition("@")
    labels = domain.split(".")
    if len(local) > _LOCAL_LENGTH or not _LOCAL.fullmatch(local):
        return _INVALID
    if (len(labels) == 1 and domain != "localhost") or not all(_LABEL.fullmatch(label) for label in labels):
        return _INVALID
    return None


def _ascii_domain(domain: str) -> str:
    try:
        return domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return domain
