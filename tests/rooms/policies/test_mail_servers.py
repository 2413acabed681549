"""Which servers take the mail of a domain, asked of a name server of the test's own."""

from collections.abc import AsyncGenerator

import pytest
from dns.asyncresolver import Resolver

from tests.support.names import name_server
from townsquare.policies.mail_servers import mail_servers

RECORDS = {
    ("nice.example.", "MX"): ("10 Mail.Other.Example.", "20 mx2.other.example."),
    ("nomail.example.", "MX"): ("0 .",),
}


@pytest.fixture
async def resolver() -> AsyncGenerator[Resolver]:
    async with name_server(RECORDS) as asked:
        yield asked


@pytest.mark.parametrize(
    ("domain", "servers"),
    [
        ("nice.example", ["mail.other.example", "mx2.other.example"]),
        ("nomail.example", []),
        ("gone.example", []),
        ("x" * 64 + ".example", []),
        ("no..name", []),
    ],
)
async def test_servers_are_those_that_the_domain_names(resolver: Resolver, domain: str, servers: list[str]) -> None:
    assert await mail_servers(domain, resolver) == servers
