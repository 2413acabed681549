"""Recovery keys: made once, printed, and kept off the host by people.

One key is an age identity (X25519) in a file as `age` reads it. Dealt out to several people, it is encrypted with a
random secret that is split among them by SLIP-39 (Shamir's scheme, 20 words each, to be written down or dictated).
"""

import base64
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pyrage
from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics

from townsquare.continuity.archive.model import ArchiveError, Head, Split

SECRET = "AGE-SECRET-KEY-"  # noqa: S105 (how such a key begins)
_ENTROPY = 16
_SIGNER = re.compile(r"#\s*signer:\s*(\S+)")
_WORDS = re.compile(r"(?:[a-z]{4,8}\s+){19,}[a-z]{4,8}")


class Recovery(msgspec.Struct, frozen=True):
    """A new key: for whom objects are encrypted, and what is handed out, a text for each file."""

    recipient: str
    files: dict[str, str]
    split: Split | None = None


class Held(msgspec.Struct, frozen=True):
    """What was read from the files that somebody gives."""

    secrets: list[str]
    verifier: bytes


def make(verifier: bytes, made: str) -> Recovery:
    """One key that opens everything by itself. `made`: the day, for the file."""
    secret, recipient = new_pair()
    text = f"""\
# Townsquare recovery key, made {made}. It opens the whole archive, and without it nobody does: keep it off the host.
{signer_line(verifier)}
# public key: {recipient}
{secret}
"""
    return Recovery(recipient, {"recovery-key.txt": text})


def make_split(verifier: bytes, made: str, needed: int, people: int) -> Recovery:
    """A key of which each of several people has a part. Raises ArchiveError for numbers that make no sense."""
    if not 2 <= needed <= people <= 16:  # noqa: PLR2004 (what SLIP-39 has)
        raise ArchiveError("Write --split as 3-of-5: at least 2, at most 16 people")
    secret, recipient = new_pair()
    entropy = secrets.token_bytes(_ENTROPY)
    sealed = pyrage.passphrase.encrypt(secret.encode(), entropy.hex())
    (parts,) = generate_mnemonics(1, [(needed, people)], entropy)
    files = {
        f"recovery-part-{number}.txt": f"""\
# Townsquare recovery key, made {made}: part {number} of {people}. Any {needed} of them open the archive; keep it
# off the host, and apart from the others.
{signer_line(verifier)}
# public key: {recipient}
{words}
"""
        for number, words in enumerate(parts, 1)
    }
    return Recovery(recipient, files, Split(needed, people, sealed))


def signer_line(verifier: bytes) -> str:
    """Of a key file: by it objects are known to be of this place."""
    return f"# signer: {base64.b64encode(verifier).decode()}"


def new_pair() -> tuple[str, str]:
    """A secret key and for whom it makes that one encrypts."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def recipient_of(secret: str) -> str:
    """For whom a secret key opens."""
    return str(pyrage.x25519.Identity.from_str(secret).to_public())


def check_recipient(text: str) -> str:
    """Raises ArchiveError for what is no public key of age's."""
    try:
        return str(pyrage.x25519.Recipient.from_str(text.strip()))
    except pyrage.RecipientError as error:
        raise ArchiveError(f"{text!r} is no public key of age's: it begins with age1") from error


def read(files: Sequence[Path], head: Head) -> Held:
    """The keys that files hold, or of which they hold parts enough. Raises ArchiveError."""
    texts = [_text(file) for file in files]
    found = [line.strip() for text in texts for line in text.splitlines() if line.startswith(SECRET)]
    parts = [" ".join(match.split()) for text in texts for match in _WORDS.findall(_uncommented(text))]
    if parts:
        found.append(_joined(parts, head))
    if not found:
        raise ArchiveError("There is no recovery key in the files that were given with --key")
    signers = {base64.b64decode(match) for text in texts for match in _SIGNER.findall(text)}
    if len(signers) != 1:
        raise ArchiveError(
            "The files that were given with --key do not say by one voice who signs this archive. "
            "Take files as they were made, with their lines that begin with #"
        )
    return Held(found, signers.pop())


def _joined(parts: list[str], head: Head) -> str:
    if head.split is None:
        raise ArchiveError("These are parts of a key, but the key of this archive was not split")
    try:
        entropy = combine_mnemonics(parts[: head.split.needed])
        return pyrage.passphrase.decrypt(head.split.sealed, entropy.hex()).decode()
    except (MnemonicError, pyrage.DecryptError) as error:
        raise ArchiveError(
            f"These {len(parts)} parts do not make up the key: {error}. It takes {head.split.needed} of "
            f"{head.split.people}, all of the same archive"
        ) from error


def _uncommented(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ArchiveError(f"The key in {file} cannot be read: {error}") from error
