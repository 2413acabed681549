"""Which servers take the mail of a domain: throw-away addresses have many domains, and few servers."""

from collections.abc import Awaitable, Callable
from typing import Final

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.name import from_text
from dns.rdtypes.ANY.MX import MX

SECONDS: Final = 3.0
MOST: Final = 20
NOBODY: Final = "."
"""What a domain names that takes no mail (RFC 7505)."""

MailServers = Callable[[str], Awaitable[list[str]]]


async def mail_servers(domain: str, resolver: Resolver | None = None) -> list[str]:
    """The names that a domain's MX records give; none where that cannot be found out, which keeps nobody out."""
    try:
        asked = resolver or Resolver()
        answer = await asked.resolve(from_text(domain), "MX", lifetime=SECONDS, search=False)
    except (DNSException, OSError, UnicodeError):
        return []
    named = {one.exchange.to_text(omit_final_dot=True).lower() for one in answer if isinstance(one, MX)}
    return sorted(named - {NOBODY})[:MOST]
