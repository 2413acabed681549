"""A name server of the test's own, on this machine."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

from dns.asyncresolver import Resolver
from dns.message import from_wire, make_response
from dns.rcode import NXDOMAIN
from dns.rdatatype import to_text
from dns.rrset import from_text

Records = Mapping[tuple[str, str], Sequence[str]]
"""By name and kind: `("nice.example.", "MX")`."""


class NameServer(asyncio.DatagramProtocol):
    def __init__(self, records: Records) -> None:
        self.records = records

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = from_wire(data)
        answer = make_response(query)
        name, kind = query.question[0].name, to_text(query.question[0].rdtype)
        if (found := self.records.get((name.to_text(), kind))) is not None:
            answer.answer.append(from_text(name, 60, "IN", kind, *found))
        else:
            answer.set_rcode(NXDOMAIN)
        self.transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def name_server(records: Records) -> AsyncGenerator[Resolver]:
    """Who asks it and nobody else."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: NameServer(records), local_addr=("127.0.0.1", 0))
    made = Resolver(configure=False)
    made.nameservers = ["127.0.0.1"]
    made.port = transport.get_extra_info("sockname")[1]
    try:
        yield made
    finally:
        transport.close()
