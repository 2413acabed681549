"""A mail server that keeps what it is given, and a place whose mail goes there."""

from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest

from tests.support.smtp import MailServer, mail_server
from tests.support.square import SETTINGS, Square, town
from townsquare.db.pool import Database
from townsquare.kernel.settings import Mail


@pytest.fixture
async def mail() -> AsyncGenerator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def mailing(db: Database, tmp_path: Path, mail: MailServer) -> AsyncGenerator[Square]:
    """A place whose mail goes to `mail`."""
    settings = msgspec.structs.replace(SETTINGS, mail=Mail(host="127.0.0.1", port=mail.port, tls="none"))
    async with town(db, tmp_path, settings) as one:
        yield one
