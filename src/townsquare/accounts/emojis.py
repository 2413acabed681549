"""Custom emojis as they stand in entities."""

import msgspec


class CustomEmoji(msgspec.Struct, frozen=True):
    """Mastodon's CustomEmoji entity."""

    shortcode: str
    url: str
    static_url: str
    visible_in_picker: bool = True
    category: str | None = None
