"""The entities that routes return, by their names in Mastodon's documentation; the OpenAPI document tells of them.

Those that a room encodes whole are that room's own structs. Those whose bytes are joined from stored parts (accounts
and posts, and what holds them) are written out here; nothing is ever encoded by these.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from townsquare.accounts import render as accounts
from townsquare.accounts import tags
from townsquare.accounts.curated import CollectionEntity, CollectionItem
from townsquare.accounts.emojis import CustomEmoji
from townsquare.accounts.lists import ListEntity
from townsquare.accounts.relationships import Relationship
from townsquare.accounts.roles import Role
from townsquare.accounts.severances import SeveranceEntity
from townsquare.api import admin_entities as admin
from townsquare.api import (
    admin_figures,
    admin_trends,
    annual_reports,
    apps,
    filters,
    instance_entities,
    jury,
    notices,
    notification_policy,
    notifications,
    oauth,
    oembed,
    profile,
    signals,
)
from townsquare.auth.oauth_metadata import ServerMetadata
from townsquare.auth.oauth_tokens import Issued
from townsquare.auth.preferences import Preferences
from townsquare.media.model import MediaAttachment
from townsquare.moderation.entities import AccountWarning, Report
from townsquare.statuses import cards_render as cards
from townsquare.statuses import render as statuses
from townsquare.statuses.history import Asked, StatusSource
from townsquare.statuses.polls import Poll as BarePoll
from townsquare.statuses.schedule import ScheduledStatus
from townsquare.statuses.translate import Translation
from townsquare.timelines.announcements import AnnouncementEntity
from townsquare.timelines.attached import Fallback
from townsquare.timelines.filters import FilterEntity
from townsquare.timelines.groups import PartialAccount
from townsquare.timelines.markers import Marker
from townsquare.timelines.policy import PolicyEntity
from townsquare.timelines.push_subscriptions import SubscriptionEntity
from townsquare.timelines.years import AnnualReport


class Empty(msgspec.Struct, frozen=True):
    """An object without anything in it."""


class Error(msgspec.Struct, frozen=True):
    """What went wrong, as a sentence; with OAuth a word, and the sentence beside it."""

    error: str
    error_description: str | UnsetType = UNSET
    details: Mapping[str, Any] | UnsetType = UNSET
    """By parameter, for programs: [{error, description}]."""


class Account(accounts.Body, frozen=True, kw_only=True):
    followers_count: int
    following_count: int
    statuses_count: int
    last_status_at: str | None


class CredentialAccount(Account, frozen=True, kw_only=True):
    source: accounts.Source
    role: Role


class MutedAccount(Account, frozen=True, kw_only=True):
    mute_expires_at: str | None


class FamiliarFollowers(msgspec.Struct, frozen=True):
    id: str
    accounts: Sequence[Account]


class Suggestion(msgspec.Struct, frozen=True):
    source: str
    sources: Sequence[str]
    account: Account


class WrappedCollection(msgspec.Struct, frozen=True):
    collection: CollectionEntity


class Collections(msgspec.Struct, frozen=True):
    collections: Sequence[CollectionEntity]


class CollectionWithAccounts(msgspec.Struct, frozen=True):
    accounts: Sequence[Account]
    collection: CollectionEntity


class WrappedCollectionItem(msgspec.Struct, frozen=True):
    collection_item: CollectionItem


class WrappedAnnualReports(msgspec.Struct, frozen=True):
    annual_reports: Sequence[AnnualReport]
    accounts: Sequence[Account]
    statuses: "Sequence[Status]"


class IdentityProof(msgspec.Struct, frozen=True):
    """Of a service that has ended; there are none."""


class FilterResult(msgspec.Struct, frozen=True):
    filter: FilterEntity
    keyword_matches: Sequence[str] | None
    status_matches: Sequence[str] | None


class PreviewCardAuthor(cards.PreviewCardAuthor, frozen=True):
    account: Account | None = None


class PreviewCard(cards.PreviewCard, frozen=True, kw_only=True):
    authors: Sequence[PreviewCardAuthor]
    missing_attribution: bool | None


class Poll(BarePoll, frozen=True, kw_only=True):
    emojis: Sequence[CustomEmoji]


class Status(statuses.Body, frozen=True, kw_only=True):
    """What depends on the reader stands only where one has signed in; `text` only where the post was deleted."""

    id: str
    created_at: str
    uri: str
    url: str | None
    visibility: Literal["public", "unlisted", "private", "direct"]
    account: Account
    media_attachments: Sequence[MediaAttachment]
    emojis: Sequence[CustomEmoji]
    replies_count: int
    reblogs_count: int
    favourites_count: int
    quotes_count: int
    card: PreviewCard | None = None
    reblog: "Status | None"
    poll: Poll | None
    quote: "Quote | None"
    quote_approval: statuses.QuoteApproval
    favourited: bool | UnsetType = UNSET
    reblogged: bool | UnsetType = UNSET
    muted: bool | UnsetType = UNSET
    bookmarked: bool | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    filtered: Sequence[FilterResult] | UnsetType = UNSET
    text: str | UnsetType = UNSET


QuoteWord = Literal[
    "pending", "accepted", "rejected", "revoked", "deleted", "unauthorized", "blocked_account", "blocked_domain",
    "muted_account",
]  # fmt: skip


class Quote(msgspec.Struct, frozen=True):
    """What a post quotes; within a quoted post it is only named (Mastodon's ShallowQuote)."""

    state: QuoteWord
    quoted_status: Status | UnsetType | None = UNSET
    quoted_status_id: str | UnsetType | None = UNSET


class TrendsLink(PreviewCard, frozen=True, kw_only=True):
    history: Sequence[tags.Day]


class AdminTrendsLink(TrendsLink, frozen=True, kw_only=True):
    id: str
    requires_review: bool


class AdminTrendsStatus(Status, frozen=True, kw_only=True):
    requires_review: bool


class Context(msgspec.Struct, frozen=True):
    ancestors: Sequence[Status]
    descendants: Sequence[Status]


class StatusEdit(msgspec.Struct, frozen=True):
    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: Account
    media_attachments: Sequence[MediaAttachment]
    emojis: Sequence[CustomEmoji]
    quote: Quote | None
    poll: Asked | UnsetType = UNSET


class Notification(msgspec.Struct, frozen=True):
    id: str
    type: str
    created_at: str
    group_key: str
    account: Account
    status: Status | UnsetType = UNSET
    event: SeveranceEntity | UnsetType = UNSET
    report: Report | UnsetType = UNSET
    moderation_warning: AccountWarning | UnsetType = UNSET
    fallback: Fallback | UnsetType = UNSET


class NotificationGroup(msgspec.Struct, frozen=True):
    group_key: str
    notifications_count: int
    type: str
    most_recent_notification_id: int
    sample_account_ids: Sequence[str]
    page_min_id: str | UnsetType = UNSET
    page_max_id: str | UnsetType = UNSET
    latest_page_notification_at: str | UnsetType = UNSET
    status_id: str | UnsetType = UNSET
    event: SeveranceEntity | UnsetType = UNSET
    report: Report | UnsetType = UNSET
    moderation_warning: AccountWarning | UnsetType = UNSET
    fallback: Fallback | UnsetType = UNSET


class NotificationRequest(msgspec.Struct, frozen=True):
    id: str
    created_at: str
    updated_at: str
    notifications_count: str
    account: Account
    last_status: Status | UnsetType = UNSET


class GroupedNotificationsResults(msgspec.Struct, frozen=True):
    accounts: Sequence[Account]
    statuses: Sequence[Status]
    notification_groups: Sequence[NotificationGroup]
    partial_accounts: Sequence[PartialAccount] | UnsetType = UNSET


class Conversation(msgspec.Struct, frozen=True):
    id: str
    unread: bool
    accounts: Sequence[Account]
    last_status: Status | None


class Search(msgspec.Struct, frozen=True):
    accounts: Sequence[Account]
    statuses: Sequence[Status]
    hashtags: Sequence[tags.Tag]


class SearchV1(msgspec.Struct, frozen=True):
    """The old form: hashtags as their names."""

    accounts: Sequence[Account]
    statuses: Sequence[Status]
    hashtags: Sequence[str]


ENTITIES: Mapping[str, Any] = {
    "Account": Account,
    "Admin::Account": admin.Account,
    "Admin::CanonicalEmailBlock": admin.CanonicalEmailBlock,
    "Admin::Cohort": admin_figures.Cohort,
    "Admin::Dimension": admin_figures.Dimension,
    "Admin::Measure": admin_figures.Measure,
    "Admin::DomainAllow": admin.DomainAllow,
    "Admin::DomainBlock": admin.DomainBlock,
    "Admin::EmailDomainBlock": admin.EmailDomainBlock,
    "Admin::IpBlock": admin.IpBlock,
    "Admin::Report": admin.Report,
    "Admin::Tag": admin_trends.AdminTag,
    "Admin::Trends::Link": AdminTrendsLink,
    "Admin::Trends::Publisher": admin_trends.PublisherEntity,
    "Admin::Trends::Status": AdminTrendsStatus,
    "Announcement": AnnouncementEntity,
    "AnnualReportState": annual_reports.State,
    "Application": apps.Application,
    "CollectionWithAccounts": CollectionWithAccounts,
    "Collections": Collections,
    "Context": Context,
    "Count": notifications.Count,
    "Conversation": Conversation,
    "CredentialAccount": CredentialAccount,
    "CredentialApplication": apps.CredentialApplication,
    "CustomEmoji": CustomEmoji,
    "DomainBlock": instance_entities.DomainBlock,
    "Empty": Empty,
    "ExtendedDescription": instance_entities.Document,
    "FamiliarFollowers": FamiliarFollowers,
    "FeaturedTag": tags.FeaturedTag,
    "Filter": filters.WholeFilter,
    "FilterKeyword": filters.KeywordEntity,
    "FilterStatus": filters.StatusEntity,
    "GroupedNotificationsResults": GroupedNotificationsResults,
    "IdentityProof": IdentityProof,
    "Instance": instance_entities.Instance,
    "Language": instance_entities.Language,
    "List": ListEntity,
    "Marker": Marker,
    "MediaAttachment": MediaAttachment,
    "MutedAccount": MutedAccount,
    "Merged": notification_policy.Merged,
    "Notice": notices.NoticeEntity,
    "Signal": signals.SignalEntity,
    "Jury": jury.JuryEntity,
    "JuryMatter": jury.JuryMatter,
    "Notification": Notification,
    "NotificationPolicy": PolicyEntity,
    "NotificationRequest": NotificationRequest,
    "OEmbed": oembed.OEmbed,
    "OAuthServer": ServerMetadata,
    "Poll": Poll,
    "Preferences": Preferences,
    "PrivacyPolicy": instance_entities.Document,
    "Profile": profile.Profile,
    "Report": Report,
    "Relationship": Relationship,
    "Rule": instance_entities.Rule,
    "ScheduledStatus": ScheduledStatus,
    "Search": Search,
    "Status": Status,
    "StatusEdit": StatusEdit,
    "StatusSource": StatusSource,
    "Suggestion": Suggestion,
    "Tag": tags.Tag,
    "TermsOfService": instance_entities.TermsOfService,
    "Token": Issued,
    "Trends::Link": TrendsLink,
    "Translation": Translation,
    "UserInfo": oauth.UserInfo,
    "V1::Filter": filters.Phrase,
    "V1::Instance": instance_entities.InstanceV1,
    "V1::NotificationPolicy": notification_policy.PolicyV1,
    "V1::Search": SearchV1,
    "WebPushSubscription": SubscriptionEntity,
    "Week": instance_entities.Week,
    "WrappedAnnualReports": WrappedAnnualReports,
    "WrappedAsyncRefresh": annual_reports.WrappedAsyncRefresh,
    "WrappedCollection": WrappedCollection,
    "WrappedCollectionItem": WrappedCollectionItem,
    "string": str,
}


def entity(name: str) -> Any:
    """The type of what a route returns: `Status`, `[Status]` for an array, `{Marker}` for an object of many.

    Raises KeyError for a name that is none.
    """
    if name.startswith("["):
        return list[ENTITIES[name[1:-1]]]
    if name.startswith("{"):
        return dict[str, ENTITIES[name[1:-1]]]
    return ENTITIES[name]
