"""What people call the browser that a User-Agent header speaks of: "Firefox on Android"."""

from collections.abc import Mapping
from typing import Final

from townsquare.kernel.words import N_, Words

_BROWSERS: Final[Mapping[str, str]] = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Vivaldi/": "Vivaldi",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
"""The first that is found: most browsers also claim to be those that came before them."""
_SYSTEMS: Final[Mapping[str, str]] = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}
_LENGTH: Final = 60


def browser_of(user_agent: str) -> str:
    """Of programs that say something else, what they say, shortened."""
    browser, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    if browser:
        return Words("%(browser)s on %(system)s", browser=browser, system=system) if system else browser
    return user_agent.strip()[:_LENGTH] or N_("Unknown browser")


def _first(names: Mapping[str, str], text: str) -> str:
    return next((name for mark, name in names.items() if mark in text), "")
