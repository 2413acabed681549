"""What a post's text becomes: its length, what it mentions, its HTML. Pure functions."""

from townsquare.kernel.text.clean import clean_html
from townsquare.kernel.text.count import length, longer_than
from townsquare.kernel.text.entities import EmojiSpan, Handle, MentionSpan, Scanned, Span, TagSpan, UrlSpan, scan
from townsquare.kernel.text.language import is_language_code, valid_language
from townsquare.kernel.text.language_names import LANGUAGES
from townsquare.kernel.text.normalise import BadText, normalise
from townsquare.kernel.text.plain import plain_text
from townsquare.kernel.text.render import (
    LinkMention,
    LinkTag,
    MentionLink,
    escape,
    render_html,
    render_link,
    render_note,
    render_profile_field,
)
from townsquare.kernel.text.tags import fold_tag

__all__ = [
    "LANGUAGES",
    "BadText",
    "EmojiSpan",
    "Handle",
    "LinkMention",
    "LinkTag",
    "MentionLink",
    "MentionSpan",
    "Scanned",
    "Span",
    "TagSpan",
    "UrlSpan",
    "clean_html",
    "escape",
    "fold_tag",
    "is_language_code",
    "length",
    "longer_than",
    "normalise",
    "plain_text",
    "render_html",
    "render_link",
    "render_note",
    "render_profile_field",
    "scan",
    "valid_language",
]
