"""The Account entity: most of it is encoded once, when it changes; what changes often is joined to it as bytes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from townsquare.accounts.emojis import CustomEmoji
from townsquare.accounts.faces import face_path
from townsquare.accounts.model import Account, Field
from townsquare.accounts.roles import Badge, badges, role_of
from townsquare.accounts.urls import actor_uri, file_url, profile_url
from townsquare.kernel.text import Handle, MentionLink, render_note, render_profile_field

SUSPENDED = "static/avatar.png"
HEADER = "static/header.png"

LinkMention = Callable[[Handle], MentionLink | None]


class FieldEntity(msgspec.Struct, frozen=True):
    name: str
    value: str
    verified_at: str | None


class FeatureApproval(msgspec.Struct, frozen=True):
    automatic: tuple[str, ...]
    manual: tuple[str, ...]
    current_user: str


class Body(msgspec.Struct, frozen=True):
    """Mastodon's Account entity without its counters: what `accounts.body` holds."""

    id: str
    username: str
    acct: str
    display_name: str
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool
    group: bool
    created_at: str
    note: str
    url: str
    uri: str
    avatar: str
    avatar_static: str
    avatar_description: str
    header: str
    header_static: str
    header_description: str
    hide_collections: bool
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    emojis: Sequence[CustomEmoji]
    fields: Sequence[FieldEntity]
    roles: Sequence[Badge]
    feature_approval: FeatureApproval
    noindex: bool | msgspec.UnsetType = msgspec.UNSET
    moved: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    suspended: bool | msgspec.UnsetType = msgspec.UNSET
    limited: bool | msgspec.UnsetType = msgspec.UNSET


class Source(msgspec.Struct, frozen=True):
    """What an account's owner sees besides: texts as written and the defaults of new posts."""

    note: str
    fields: Sequence[FieldEntity]
    privacy: str
    sensitive: bool
    language: str
    follow_requests_count: int
    hide_collections: bool
    discoverable: bool
    indexable: bool
    attribution_domains: Sequence[str]
    quote_policy: str


class Defaults(msgspec.Struct, frozen=True):
    """A person's defaults for new posts; `language` is "" where none is chosen."""

    privacy: str = "public"
    sensitive: bool = False
    language: str = ""
    quote_policy: str = "public"


def encode_account(
    account: Account,
    emojis: Sequence[CustomEmoji],
    base_url: str,
    *,
    link_mention: LinkMention = lambda _: None,
    moved: bytes | None = None,
) -> bytes:
    """The entity's JSON without braces and counters: `join_account` adds both.

    `link_mention` knows the people whom the profile mentions; `moved` is the whole entity of the account moved to
    (where that one has moved too is left out, so that two who name each other do not grow for ever).
    """
    body = _husk(account, base_url) if account.suspended_at else _body(account, emojis, base_url, link_mention, moved)
    return msgspec.json.encode(body)[1:-1]


def join_account(body: bytes, followers: int, following: int, statuses: int, last_status_on: str | None) -> bytes:
    """The whole entity. `last_status_on` is a date as PostgreSQL writes it (`last_status_on::text`)."""
    if last_status_on is None:
        return b'{%b,"followers_count":%d,"following_count":%d,"statuses_count":%d,"last_status_at":null}' % (
            body,
            followers,
            following,
            statuses,
        )
    return b'{%b,"followers_count":%d,"following_count":%d,"statuses_count":%d,"last_status_at":"%b"}' % (
        body,
        followers,
        following,
        statuses,
        last_status_on.encode(),
    )


def credential_account(entity: bytes, account: Account, defaults: Defaults, follow_requests: int) -> bytes:
    """Mastodon's CredentialAccount: the entity with what only its owner may see."""
    source = Source(
        note=account.note,
        fields=[FieldEntity(field.name, field.value, time_text(field.verified_at)) for field in account.fields],
        privacy=defaults.privacy,
        sensitive=defaults.sensitive,
        language=defaults.language,
        follow_requests_count=follow_requests,
        hide_collections=account.hide_collections,
        discoverable=account.discoverable,
        indexable=account.indexable,
        attribution_domains=account.attribution_domains,
        quote_policy=defaults.quote_policy,
    )
    return with_fields(entity, {"source": source, "role": role_of(account.role, account.held)})


def with_fields(entity: bytes, fields: Mapping[str, object]) -> bytes:
    """The JSON object with further fields at its end."""
    return entity[:-1] + b"," + msgspec.json.encode(fields)[1:]


def _body(
    account: Account, emojis: Sequence[CustomEmoji], base_url: str, link_mention: LinkMention, moved: bytes | None
) -> Body:
    def link_tag(tag: str) -> str:
        return f"{base_url}/tags/{tag}"

    local = account.domain is None
    note = render_note(account.note, link_mention=link_mention, link_tag=link_tag) if local else account.note
    avatar = _picture(account.avatar_key, account.avatar_url, face_path(account.id), base_url)
    header = _picture(account.header_key, account.header_url, HEADER, base_url)
    return msgspec.structs.replace(
        _husk(account, base_url),
        display_name=account.display_name,
        locked=account.locked,
        bot=account.bot,
        discoverable=account.discoverable,
        indexable=account.indexable,
        note=note,
        avatar=avatar,
        avatar_static=file_url(account.avatar_static_key, base_url) if account.avatar_static_key else avatar,
        avatar_description=account.avatar_description,
        header=header,
        header_static=file_url(account.header_static_key, base_url) if account.header_static_key else header,
        header_description=account.header_description,
        emojis=emojis,
        fields=[_field(field, link_mention, link_tag, local=local) for field in account.fields],
        roles=badges(account.role, account.held, account.badges),
        feature_approval=_approval(account),
        moved=msgspec.UNSET if moved is None else _without_moved(moved),
        suspended=msgspec.UNSET,
    )


def _without_moved(entity: bytes) -> msgspec.Raw:
    fields = msgspec.json.decode(entity, type=dict[str, msgspec.Raw])
    return msgspec.Raw(msgspec.json.encode({name: value for name, value in fields.items() if name != "moved"}))


def _husk(account: Account, base_url: str) -> Body:
    """What Mastodon shows of a suspended account: that it exists, and its name."""
    avatar, header = f"{base_url}/{SUSPENDED}", f"{base_url}/{HEADER}"
    return Body(
        id=str(account.id),
        username=account.username,
        acct=account.acct,
        display_name="",
        locked=False,
        bot=False,
        discoverable=False,
        indexable=False,
        group=account.kind == "Group",
        created_at=account.created_at.astimezone(UTC).strftime("%Y-%m-%dT00:00:00.000Z"),
        note="",
        url=profile_url(account, base_url),
        uri=actor_uri(account, base_url),
        avatar=avatar,
        avatar_static=avatar,
        avatar_description="",
        header=header,
        header_static=header,
        header_description="",
        hide_collections=account.hide_collections,
        show_media=account.show_media,
        show_media_replies=account.show_media_replies,
        show_featured=account.show_featured,
        emojis=(),
        fields=(),
        roles=(),
        feature_approval=FeatureApproval((), (), "denied"),
        noindex=not account.indexable if account.domain is None else msgspec.UNSET,
        suspended=True,
        limited=True if account.limited_at else msgspec.UNSET,
    )


def _picture(key: str | None, url: str | None, default: str, base_url: str) -> str:
    return url or f"{base_url}/{default}" if key is None else file_url(key, base_url)


def _field(field: Field, link_mention: LinkMention, link_tag: Callable[[str], str], *, local: bool) -> FieldEntity:
    value = render_profile_field(field.value, link_mention=link_mention, link_tag=link_tag) if local else field.value
    return FieldEntity(field.name, value, time_text(field.verified_at))


def _approval(account: Account) -> FeatureApproval:
    """Who wants to be found may be put into the collections of others."""
    if account.discoverable and account.domain is None:
        return FeatureApproval(("public",), (), "automatic")
    return FeatureApproval((), (), "denied")


def time_text(moment: datetime | None) -> str | None:
    """A time, if there is one, as entities write it."""
    return None if moment is None else moment_text(moment)


def moment_text(moment: datetime) -> str:
    """A time as entities write it: UTC, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
