"""Hashes of passwords: to make one takes longer than many a test, so each is made once in a run."""

from townsquare.auth.passwords import hash_password

_made: dict[str, str] = {}


async def hash_of(password: str) -> str:
    """A real one."""
    if password not in _made:
        _made[password] = await hash_password(password)
    return _made[password]
