"""Whatever is not this service and apps have to do with all the same: a page that is linked to, a service that
translates, one that takes pushes."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGE = """<!doctype html><html lang="en"><head><title>The ferry runs again</title>
<meta property="og:title" content="The ferry runs again"><meta property="og:description" content="From Monday on">
<meta property="og:type" content="article"></head><body><p>From Monday on.</p></body></html>"""
LANGUAGES = [{"code": "en", "targets": ["de"]}, {"code": "de", "targets": ["en"]}]


class Elsewhere:
    """`pushed`: the headers and bodies that came to the push service."""

    def __init__(self) -> None:
        self.pushed: list[tuple[dict[str, str], bytes]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def elsewhere() -> Generator[Elsewhere]:
    """For the time of the block."""
    one = Elsewhere()
    threading.Thread(target=one.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield one
    finally:
        one.server.shutdown()
        one.server.server_close()


def translated(body: bytes) -> dict[str, Any]:
    """As LibreTranslate says it, in a language that is all capitals."""
    texts = json.loads(body)["q"]
    detected = [{"language": "de", "confidence": 90.0} for _ in texts]
    return {"translatedText": [text.upper() for text in texts], "detectedLanguage": detected}


def _handler(place: Elsewhere) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/languages":
                self._say("application/json", json.dumps(LANGUAGES))
            else:
                self._say("text/html; charset=utf-8", PAGE)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/translate":
                self._say("application/json", json.dumps(translated(body)))
            else:
                place.pushed.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self._say("text/plain", "", status=201)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what came is looked at by the tests."""

        def _say(self, kind: str, text: str, status: int = 200) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
