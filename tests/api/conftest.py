"""People of these tests, each signed in by an app and without anything yet; and a place that sends mail."""

from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest

from tests.support.smtp import MailServer, mail_server
from tests.support.square import SETTINGS, Person, Square, town
from townsquare.db.pool import Database
from townsquare.kernel.settings import Mail


@pytest.fixture
async def ann(square: Square) -> Person:
    return await square.person("ann")


@pytest.fixture
async def ben(square: Square) -> Person:
    return await square.person("ben")


@pytest.fixture
async def cleo(square: Square) -> Person:
    return await square.person("cleo")


@pytest.fixture
async def cat(square: Square) -> Person:
    return await square.person("cat")


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
