"""Where an account and its pictures are found. `base_url` is the service's own address, without a slash at its end."""

from townsquare.accounts.model import Account


def profile_url(account: Account, base_url: str) -> str:
    """The page that people open."""
    return f"{base_url}/@{account.username}" if account.domain is None else account.url or account.uri or ""


def actor_uri(account: Account, base_url: str) -> str:
    """The ActivityPub id: it stays when the name changes."""
    return local_uri(account.id, base_url) if account.domain is None else account.uri or ""


def local_uri(account_id: int, base_url: str) -> str:
    """The same for those who live here, of whom only the id is known."""
    return f"{base_url}/ap/users/{account_id}"


def file_url(key: str, base_url: str) -> str:
    """A stored file's address."""
    return f"{base_url}/media/{key}"
