"""What the tests of signing in do again and again: make people, read their mail, follow the link in it."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import TypeVar

from tests.support.hashes import hash_of
from tests.support.smtp import MailServer
from townsquare.auth.credentials import send_links
from townsquare.auth.events import LinkAsked, SendMail
from townsquare.auth.mail import send_mail
from townsquare.auth.model import Role, User, Visit
from townsquare.auth.sessions import SignedIn
from townsquare.auth.sign_in import sign_in
from townsquare.auth.users import NewUser, create_user, get_user
from townsquare.db.pool import Database
from townsquare.jobs import Event, read
from townsquare.kernel.settings import Settings

E = TypeVar("E", bound=Event)

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
HOME = Visit("192.0.2.7", "Mozilla/5.0 (X11; Linux x86_64) Firefox/138.0")
SETTINGS = Settings(public_url="https://square.example", title="The Square", contact_email="help@square.example")


class Place:
    def __init__(self, db: Database, settings: Settings, mail: MailServer) -> None:
        self.db = db
        self.settings = settings
        self.mail = mail

    async def person(
        self, name: str, *, role: Role = "user", confirmed: bool = True, approved: bool = True, agreed: bool = True
    ) -> User:
        """Somebody who may sign in with PASSWORD, unless it is said otherwise."""
        new = NewUser(
            username=name,
            email=f"{name}@example.org",
            password=PASSWORD,
            password_hash=await hash_of(PASSWORD),
            role=role,
            confirmed=confirmed,
            approved=approved,
            agreed=agreed,
        )
        async with self.db.transaction() as tx:
            return await create_user(tx, new, settings=self.settings, now=NOW)

    async def again(self, user: User) -> User:
        return await get_user(self.db, user.account_id)

    async def signed_in(self, user: User, *, visit: Visit = HOME, now: datetime = NOW) -> SignedIn:
        result = await sign_in(self.db, user.email, PASSWORD, visit, settings=self.settings, now=now)
        assert isinstance(result, SignedIn)
        return result

    async def events(self, kind: type[E]) -> list[E]:
        """What has been said of this kind, in order, and not been heard yet."""
        records = await self.db.records("DELETE FROM jobs WHERE kind = $1 RETURNING id, payload", kind.__name__)
        return [read(self.db.keys, kind, record["payload"]) for record in sorted(records, key=lambda r: r["id"])]

    async def post(self) -> list[EmailMessage]:
        """Send what waits to be sent; what came in."""
        self.mail.messages.clear()
        await send_links(self.db, await self.events(LinkAsked))
        letters = await self.events(SendMail)
        if letters:
            await send_mail(self.db, self.settings, letters)
        return self.mail.messages

    async def link(self, address: str) -> str:
        """The token in the one message to an address."""
        await self.post()
        (message,) = self.mail.to(address)
        found = re.search(r"https://square\.example/[a-z-]+/([\w-]{43})\s", text_of(message))
        assert found is not None
        return found.group(1)


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return body.get_content()
