"""Random texts that open something: made once, shown once, stored only as their hash.

They have 256 bits of chance, so one round of SHA-256 keeps them as safe as a slow hash keeps a password, and finding
the hash by the database's index tells nobody anything about the token.
"""

import hashlib
import secrets


def new_token() -> str:
    """43 characters that are safe in an address and a header."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """What stands in the database for a token. Any text can be asked for, also one that is not valid Unicode."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
