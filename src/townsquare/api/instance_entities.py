"""The entities that tell of the place: Mastodon's Instance in both its forms, and what belongs to them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from townsquare.accounts import model as accounts
from townsquare.accounts.rules import DESCRIPTION_LENGTH
from townsquare.accounts.tags import MOST_FEATURED
from townsquare.media.containers import PLAYED
from townsquare.media.formats import Kind
from townsquare.statuses.react import MOST_PINS

CHARACTERS_PER_URL: Final = 23


class Urls(msgspec.Struct, frozen=True):
    streaming: str
    status: str | None
    about: str
    privacy_policy: str | None
    terms_of_service: str | None


class Vapid(msgspec.Struct, frozen=True):
    public_key: str


class AccountLimits(msgspec.Struct, frozen=True):
    max_display_name_length: int = accounts.DISPLAY_NAME_LENGTH
    max_note_length: int = accounts.NOTE_LENGTH
    max_avatar_description_length: int = DESCRIPTION_LENGTH
    max_header_description_length: int = DESCRIPTION_LENGTH
    max_featured_tags: int = MOST_FEATURED
    max_pinned_statuses: int = MOST_PINS
    max_profile_fields: int = accounts.FIELDS
    profile_field_name_limit: int = accounts.FIELD_LENGTH
    profile_field_value_limit: int = accounts.FIELD_LENGTH


class StatusLimits(msgspec.Struct, frozen=True):
    max_characters: int
    max_media_attachments: int
    characters_reserved_per_url: int = CHARACTERS_PER_URL


class MediaLimits(msgspec.Struct, frozen=True):
    """Bytes, pixels, frames a second. There is no name for the limit of sound: apps take that of films."""

    image_size_limit: int
    image_matrix_limit: int
    video_size_limit: int
    video_frame_rate_limit: int
    video_matrix_limit: int
    supported_mime_types: Sequence[str] = (*Kind, *PLAYED)
    description_limit: int = DESCRIPTION_LENGTH


class PollLimits(msgspec.Struct, frozen=True):
    """Seconds, for the times."""

    max_options: int
    max_characters_per_option: int
    min_expiration: int
    max_expiration: int


class Translation(msgspec.Struct, frozen=True):
    enabled: bool


class Feeds(msgspec.Struct, frozen=True):
    local: str = "public"
    remote: str = "public"


class TimelinesAccess(msgspec.Struct, frozen=True):
    live_feeds: Feeds = Feeds()
    hashtag_feeds: Feeds = Feeds()
    trending_link_feeds: Feeds = Feeds()


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    urls: Urls
    vapid: Vapid
    accounts: AccountLimits = AccountLimits()
    statuses: StatusLimits
    media_attachments: MediaLimits
    polls: PollLimits
    translation: Translation
    timelines_access: TimelinesAccess = TimelinesAccess()
    limited_federation: bool = False


class ActiveUsers(msgspec.Struct, frozen=True):
    active_month: int


class Usage(msgspec.Struct, frozen=True):
    users: ActiveUsers


class Thumbnail(msgspec.Struct, frozen=True):
    url: str
    description: str = ""


class Icon(msgspec.Struct, frozen=True):
    src: str
    size: str


class Registrations(msgspec.Struct, frozen=True):
    enabled: bool
    approval_required: bool
    reason_required: bool
    min_age: int | None
    message: str | None = None
    url: str | None = None


class Contact(msgspec.Struct, frozen=True):
    email: str
    account: msgspec.Raw | None


class Rule(msgspec.Struct, frozen=True):
    id: str
    text: str
    hint: str
    translations: Mapping[str, Any] = {}


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """Mastodon's Instance entity."""

    domain: str
    title: str
    version: str
    source_url: str
    description: str
    wrapstodon: str | None = None
    usage: Usage
    thumbnail: Thumbnail
    icon: Sequence[Icon] = ()
    languages: Sequence[str]
    configuration: Configuration
    registrations: Registrations
    api_versions: Mapping[str, int]
    contact: Contact
    rules: Sequence[Rule]


class UrlsV1(msgspec.Struct, frozen=True):
    streaming_api: str


class Stats(msgspec.Struct, frozen=True):
    user_count: int
    status_count: int
    domain_count: int


class ConfigurationV1(msgspec.Struct, frozen=True):
    accounts: AccountLimits
    statuses: StatusLimits
    media_attachments: MediaLimits
    polls: PollLimits


class InstanceV1(msgspec.Struct, frozen=True, kw_only=True):
    """Mastodon's V1::Instance entity."""

    uri: str
    title: str
    short_description: str
    description: str
    email: str
    version: str
    urls: UrlsV1
    stats: Stats
    thumbnail: str | None
    languages: Sequence[str]
    registrations: bool
    approval_required: bool
    invites_enabled: bool
    configuration: ConfigurationV1
    contact_account: msgspec.Raw | None
    rules: Sequence[Rule]


class Week(msgspec.Struct, frozen=True):
    week: str
    statuses: str
    logins: str
    registrations: str


class Document(msgspec.Struct, frozen=True):
    """Mastodon's ExtendedDescription and PrivacyPolicy."""

    updated_at: str
    content: str


class TermsOfService(msgspec.Struct, frozen=True):
    effective_date: str
    effective: bool
    content: str
    succeeded_by: str | None


class Language(msgspec.Struct, frozen=True):
    code: str
    name: str


class DomainBlock(msgspec.Struct, frozen=True):
    domain: str
    digest: str
    severity: str
    comment: str | msgspec.UnsetType = msgspec.UNSET
