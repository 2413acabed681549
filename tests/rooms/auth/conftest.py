"""A place with its settings, and people."""

import msgspec
import pytest

from tests.rooms.auth.place import SETTINGS, Place
from tests.support.smtp import MailServer
from townsquare.db.pool import Database
from townsquare.kernel.settings import Mail, Settings


@pytest.fixture
def settings(mail: MailServer) -> Settings:
    return msgspec.structs.replace(SETTINGS, mail=Mail(host="127.0.0.1", port=mail.port, tls="none"))


@pytest.fixture
def place(db: Database, settings: Settings, mail: MailServer) -> Place:
    return Place(db, settings, mail)
