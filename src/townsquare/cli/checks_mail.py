"""What `doctor` looks at of the mail."""

import aiosmtplib
from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.name import from_text
from dns.rdtypes.ANY.TXT import TXT

from townsquare.auth import dkim
from townsquare.auth.letters import sender
from townsquare.cli.checks import Finding, bad, good, note
from townsquare.kernel.settings import MailServer, Settings
from townsquare.kernel.settings_sources import SettingsError

SECONDS = 5.0


async def mail(settings: Settings) -> list[Finding]:
    """The mail server, both if there are two; and whether others can tell that messages are ours."""
    first, second = settings.mail, settings.mail.fallback
    if not first.host:
        return [note("Mail", "no mail.host is set, so messages, with the links in them, go to the log instead")]
    found = [await _mail_server("Mail", "mail", first, settings)]
    if second.host:
        found.append(await _mail_server("Second mail", "mail.fallback", second, settings))
    return [*found, await signature(settings)]


async def _mail_server(name: str, key: str, chosen: MailServer, settings: Settings) -> Finding:
    """Connects to it and signs in; sends nothing."""
    where = f"{chosen.host}:{chosen.port}"
    client = aiosmtplib.SMTP(
        hostname=chosen.host,
        port=chosen.port,
        username=chosen.username or None,
        password=chosen.password or None,
        use_tls=chosen.tls == "tls",
        start_tls=chosen.tls == "starttls",
        timeout=10,
    )
    try:
        async with client:
            await client.noop()
    except (aiosmtplib.SMTPException, OSError) as error:
        return bad(name, f"{where}: {error}. Check {key}.host, {key}.port, {key}.tls and the password.")
    return good(name, f"{where} takes messages from {sender(settings)}")


async def signature(settings: Settings, resolver: Resolver | None = None) -> Finding:
    """Whether messages are signed, and everybody can check it."""
    chosen, name = settings.mail.dkim, "Mail signature"
    domain = dkim.domain_of(sender(settings))
    if not chosen.key_file:
        return note(
            name,
            f"messages are not signed here. See that the mail server signs them for {domain} (DKIM), List-Unsubscribe "
            "and List-Unsubscribe-Post included, or set mail.dkim.key_file.",
        )
    try:
        wanted = dkim.record(dkim.load(chosen.key_file))
    except SettingsError as error:
        return bad(name, str(error))
    where = f"{chosen.selector}._domainkey.{domain}"
    found = await _said(where, resolver or Resolver())
    if dkim.key_in(wanted) in map(dkim.key_in, found):
        return good(name, f"messages are signed for {domain}, and {where} says by which key")
    told = "says another key" if found else "is not there"
    return bad(name, f'{where} {told}. Give it this TXT record: "{wanted}"')


async def _said(where: str, resolver: Resolver) -> list[str]:
    """The texts that stand at a name; none where they cannot be read."""
    try:
        answer = await resolver.resolve(from_text(where), "TXT", lifetime=SECONDS, search=False)
    except (DNSException, OSError, UnicodeError):
        return []
    return [b"".join(one.strings).decode("ascii", "replace") for one in answer if isinstance(one, TXT)]
