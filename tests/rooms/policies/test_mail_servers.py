"""Which servers take the mail of a domain, asked of a name server of the test's own."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from dns.asyncresolver import Resolver
from dns.message import from_wire, make_response
from dns.rcode import NXDOMAIN
from dns.rrset import from_text

from townsquare.policies.mail_servers import mail_servers

RECORDS = {
    "nice.example.": ("10 Mail.Other.Example.", "20 mx2.other.example."),
    "nomail.example.": ("0 .",),
}


class NameServer(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = from_wire(data)
        answer = make_response(query)
        name = query.question[0].name
        if (found := RECORDS.get(name.to_text())) is not None:
            answer.answer.append(from_text(name, 60, "IN", "MX", *found))
        else:
            answer.set_rcode(NXDOMAIN)
        self.transport.sendto(answer.to_wire(), addr)


@pytest.fixture
async def resolver() -> AsyncGenerator[Resolver]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    made = Resolver(configure=False)
    made.nameservers = ["127.0.0.1"]
    made.port = transport.get_extra_info("sockname")[1]
    yield made
    transport.close()


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
