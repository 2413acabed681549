"""Values that have the right form and still cannot be used: found before a start, and by `doctor`."""

from email.utils import parseaddr

from townsquare.auth import dkim
from townsquare.auth.emails import wrong_email
from townsquare.kernel.settings import Settings
from townsquare.kernel.settings_sources import SettingsError
from townsquare.kernel.text import valid_language
from townsquare.policies.address import networks


def check_values(settings: Settings) -> None:
    """Raises SettingsError, whose text names the key and says what would be right."""
    _check_proxies(settings)
    for code in settings.languages:
        if valid_language(code) is None:
            raise SettingsError(f"languages has {code!r}, which is no language. Write codes such as en, de or pt-BR.")
    for key, address in (("contact_email", settings.contact_email), ("mail.sender", settings.mail.sender)):
        if address and wrong_email(parseaddr(address)[1]) is not None:
            raise SettingsError(f"{key} = {address!r} is no email address. Write it as name@example.org.")
    if settings.mail.dkim.key_file:
        dkim.load(settings.mail.dkim.key_file)


def _check_proxies(settings: Settings) -> None:
    try:
        networks(settings.web.trusted_proxies)
    except ValueError as error:
        raise SettingsError(f"web.trusted_proxies: {error}. Write addresses or networks, like 10.0.0.0/8.") from error
