"""The entities of Mastodon's admin API."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from townsquare.accounts.render import moment_text, time_text
from townsquare.accounts.roles import Role, role_of
from townsquare.api.instance_entities import Rule
from townsquare.moderation.blocks import HISTORY
from townsquare.moderation.people import Known
from townsquare.moderation.store_blocks import Canonical as CanonicalRow
from townsquare.moderation.store_blocks import EmailDomain, Uses
from townsquare.moderation.store_blocks import IpBlock as IpRow
from townsquare.moderation.store_domains import DomainAllow as AllowRow
from townsquare.moderation.store_domains import DomainBlock as BlockRow
from townsquare.policies.blocks import public_domain


class Ip(msgspec.Struct, frozen=True):
    ip: str
    used_at: str


class Account(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    username: str
    domain: str | None
    created_at: str
    email: str
    ip: str | None
    ips: Sequence[Ip]
    locale: str
    invite_request: str | None
    role: Role
    confirmed: bool
    approved: bool
    disabled: bool
    sensitized: bool
    silenced: bool
    suspended: bool
    account: msgspec.Raw
    created_by_application_id: str | msgspec.UnsetType = msgspec.UNSET
    invited_by_account_id: str | msgspec.UnsetType = msgspec.UNSET


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`statuses` are as they were when they were reported."""

    id: str
    action_taken: bool
    action_taken_at: str | None
    category: str
    comment: str
    forwarded: bool
    created_at: str
    updated_at: str
    account: Account
    target_account: Account
    assigned_account: Account | None
    action_taken_by_account: Account | None
    statuses: Sequence[msgspec.Raw]
    rules: Sequence[Rule]


class DomainBlock(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    domain: str
    digest: str
    created_at: str
    severity: str
    reject_media: bool
    reject_reports: bool
    private_comment: str | None
    public_comment: str | None
    obfuscate: bool
    expires_at: str | None


class DomainAllow(msgspec.Struct, frozen=True):
    id: str
    domain: str
    created_at: str


class History(msgspec.Struct, frozen=True):
    day: str
    accounts: str
    uses: str


class EmailDomainBlock(msgspec.Struct, frozen=True):
    id: str
    domain: str
    created_at: str
    history: Sequence[History]
    expires_at: str | None


class CanonicalEmailBlock(msgspec.Struct, frozen=True):
    id: str
    canonical_email_hash: str
    expires_at: str | None


class IpBlock(msgspec.Struct, frozen=True):
    id: str
    ip: str
    severity: str
    comment: str
    created_at: str
    expires_at: str | None


def account(known: Known) -> Account:
    person = known.person
    ips = [Ip(str(address), moment_text(used_at)) for address, used_at in known.seen]
    return Account(
        id=str(person.id),
        username=person.username,
        domain=person.domain,
        created_at=moment_text(person.created_at),
        email=person.email or "",
        ip=ips[0].ip if ips else None,
        ips=ips,
        locale=person.locale or "",
        invite_request=person.sign_up_reason,
        role=role_of(person.role, person.held),
        confirmed=person.confirmed,
        approved=person.approved,
        disabled=person.disabled,
        sensitized=person.sensitized_at is not None,
        silenced=person.limited_at is not None,
        suspended=person.suspended_at is not None,
        account=msgspec.Raw(known.entity),
        created_by_application_id=msgspec.UNSET if person.app_id is None else str(person.app_id),
        invited_by_account_id=msgspec.UNSET if known.invited_by is None else str(known.invited_by),
    )


def domain_block(row: BlockRow) -> DomainBlock:
    return DomainBlock(
        id=str(row.id),
        domain=row.domain,
        digest=public_domain(row.domain, obfuscate=False).digest,
        created_at=moment_text(row.created_at),
        severity=row.severity,
        reject_media=row.reject_media,
        reject_reports=row.reject_reports,
        private_comment=row.private_comment,
        public_comment=row.public_comment,
        obfuscate=row.obfuscate,
        expires_at=time_text(row.expires_at),
    )


def domain_allow(row: AllowRow) -> DomainAllow:
    return DomainAllow(str(row.id), row.domain, moment_text(row.created_at))


def email_domain_block(row: EmailDomain, uses: Mapping[date, Uses], today: date) -> EmailDomainBlock:
    """With the last seven days, today first."""
    history: list[History] = []
    for number in range(HISTORY):
        day = today - timedelta(days=number)
        used = uses.get(day)
        start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        history.append(History(str(start), str(used.accounts if used else 0), str(used.uses if used else 0)))
    return EmailDomainBlock(str(row.id), row.domain, moment_text(row.created_at), history, time_text(row.expires_at))


def canonical_email_block(row: CanonicalRow) -> CanonicalEmailBlock:
    return CanonicalEmailBlock(str(row.id), row.hash, time_text(row.expires_at))


def ip_block(row: IpRow) -> IpBlock:
    return IpBlock(
        str(row.id), str(row.network), row.severity, row.comment, moment_text(row.created_at), time_text(row.expires_at)
    )
