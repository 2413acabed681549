"""A web server of a stranger, on this machine: pages by their paths, and what was asked of it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import msgspec


class Served(msgspec.Struct, frozen=True):
    """What is answered. A header may take the place of the usual ones."""

    body: bytes
    status: str = "200 OK"
    headers: Mapping[str, str] = {}

    def encode(self) -> bytes:
        given = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(self.body))} | dict(self.headers)
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        return f"HTTP/1.1 {self.status}\r\n{lines}\r\n".encode() + self.body


class Stranger:
    """The server: put into `pages` what it is to answer; all else is 404."""

    def __init__(self) -> None:
        self.pages: dict[str, Served] = {}
        self.asked: list[str] = []
        """Paths, in order."""
        self.requests: list[str] = []
        self.address = ""

    def page(self, path: str, html: str | bytes, **headers: str) -> str:
        """Have a page, and give its address."""
        body = html.encode() if isinstance(html, str) else html
        self.pages[path] = Served(body, headers={name.replace("_", "-"): value for name, value in headers.items()})
        return self.address + path

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = request.split(" ")[1]
        self.requests.append(request)
        self.asked.append(path)
        found = self.pages.get(path) or self.pages.get(path.partition("?")[0]) or Served(b"", "404 Not Found")
        try:
            writer.write(found.encode())
            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def stranger() -> AsyncGenerator[Stranger]:
    """One that runs for the time of the block."""
    one = Stranger()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    async with server:
        one.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield one
