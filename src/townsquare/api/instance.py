"""What this place is, what holds here, and what apps have to know before they post."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import msgspec

from townsquare import __version__
from townsquare.accounts.store import unsuspended_entities
from townsquare.accounts.urls import file_url
from townsquare.api import instance_entities as entities
from townsquare.api.door import Access, Call, Route
from townsquare.auth.vapid import vapid_public_key
from townsquare.kernel.errors import NotFound, Unauthorised
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Front, Settings, Sign, SignUpMode
from townsquare.kernel.text import LANGUAGES, fold_tag, render_html
from townsquare.moderation.store_domains import DomainBlock, public_blocks
from townsquare.policies.blocks import public_domain
from townsquare.statuses import places
from townsquare.statuses.render import moment
from townsquare.timelines import store_place as store
from townsquare.timelines.store_place import Terms

COMPATIBLE: Final = "4.6.0"
"""The version of Mastodon whose API apps can expect."""
API_VERSION: Final = 10
"""The number of Mastodon's API with it (https://docs.joinmastodon.org/entities/Instance/#api-versions)."""
_SIZES: Final[Mapping[Sign, str]] = {"tiny": "48x48", "apple": "180x180", "small": "192x192", "large": "512x512"}


async def show(call: Call, given: Any) -> Answer:
    services, settings = call.services, call.services.settings
    counts = await services.census.counts(services.db)
    return json(
        entities.Instance(
            domain=settings.domain,
            title=settings.title,
            version=version(),
            source_url=f"{settings.public_url}/about",
            description=settings.description,
            usage=entities.Usage(entities.ActiveUsers(counts.active_month)),
            thumbnail=entities.Thumbnail(_thumbnail(settings)),
            icon=_icons(settings),
            languages=settings.languages,
            configuration=await _configuration(call),
            registrations=registrations(settings),
            api_versions={"mastodon": API_VERSION},
            contact=entities.Contact(settings.contact_email, await _contact(call)),
            rules=await _rules(call),
        )
    )


async def show_v1(call: Call, given: Any) -> Answer:
    services, settings = call.services, call.services.settings
    counts, figures = await services.census.counts(services.db), await services.almanac.figures(services.db)
    whole, signing_up = await _configuration(call), registrations(settings)
    return json(
        entities.InstanceV1(
            uri=settings.domain,
            title=settings.title,
            short_description=settings.description,
            description=settings.description,
            email=settings.contact_email,
            version=version(),
            urls=entities.UrlsV1(whole.urls.streaming),
            stats=entities.Stats(counts.people, counts.posts, len(figures.peers)),
            thumbnail=_thumbnail(settings),
            languages=settings.languages,
            registrations=signing_up.enabled,
            approval_required=signing_up.approval_required,
            invites_enabled=settings.sign_up.mode is SignUpMode.INVITE,
            configuration=entities.ConfigurationV1(
                whole.accounts, whole.statuses, whole.media_attachments, whole.polls
            ),
            contact_account=await _contact(call),
            rules=await _rules(call),
        )
    )


def _thumbnail(settings: Settings) -> str:
    """The picture that the place shows with links to it, or above its front page; else the one of the program."""
    own = settings.look.picture or settings.look.banner
    return file_url(own, settings.public_url) if own else f"{settings.public_url}/static/header.png"


def _icons(settings: Settings) -> list[entities.Icon]:
    """The place's own; apps have one for places without."""
    look, base = settings.look, settings.public_url
    return [entities.Icon(file_url(look.sign(name), base), size) for name, size in _SIZES.items()] if look.icon else []


def version() -> str:
    """Apps read the first word, people the rest."""
    return f"{COMPATIBLE} (compatible; Townsquare {__version__})"


def registrations(settings: Settings) -> entities.Registrations:
    mode = settings.sign_up.mode
    asks = mode is SignUpMode.APPROVAL
    return entities.Registrations(
        enabled=mode in (SignUpMode.OPEN, SignUpMode.APPROVAL),
        approval_required=asks,
        reason_required=asks,
        min_age=settings.sign_up.minimum_age or None,
        message="<p>Sign-up is by invitation.</p>" if mode is SignUpMode.INVITE else None,
    )


def _timelines(front: Front) -> entities.TimelinesAccess:
    if front.timelines:
        return entities.TimelinesAccess()
    closed = entities.Feeds("authenticated", "authenticated")
    return entities.TimelinesAccess(closed, closed, closed)


async def _configuration(call: Call) -> entities.Configuration:
    settings, db, now = call.services.settings, call.services.db, datetime.now(UTC)
    base, limits = settings.public_url, settings.limits
    privacy, terms = await store.document(db, "privacy", now), await store.document(db, "terms", now)
    return entities.Configuration(
        urls=entities.Urls(
            streaming=base.replace("http", "ws", 1),
            status=None,
            about=f"{base}/about",
            privacy_policy=f"{base}/privacy" if privacy else None,
            terms_of_service=f"{base}/terms" if terms else None,
        ),
        vapid=entities.Vapid(vapid_public_key(db.keys)),
        statuses=entities.StatusLimits(limits.status_characters, limits.media_attachments),
        media_attachments=entities.MediaLimits(
            limits.image_bytes,
            limits.image_pixels,
            limits.video_bytes,
            limits.video_frame_rate,
            limits.video_pixels,
        ),
        polls=entities.PollLimits(
            limits.poll_options, limits.poll_option_characters, limits.poll_shortest, limits.poll_longest
        ),
        translation=entities.Translation(bool(settings.translation.url)),
        timelines_access=_timelines(settings.front),
        limited_federation=settings.federation.limited,
    )


async def _contact(call: Call) -> msgspec.Raw | None:
    db = call.services.db
    owner = await store.owner(db)
    found = {} if owner is None else await unsuspended_entities(db, [AccountId(owner)])
    return msgspec.Raw(found[AccountId(owner)]) if owner is not None and AccountId(owner) in found else None


async def _rules(call: Call) -> list[entities.Rule]:
    return [
        entities.Rule(str(one.id), one.text, one.hint, one.translations) for one in await store.rules(call.services.db)
    ]


async def show_rules(call: Call, given: Any) -> Answer:
    return json(await _rules(call))


async def activity(call: Call, given: Any) -> Answer:
    figures = await call.services.almanac.figures(call.services.db)
    return json(
        [
            entities.Week(str(one.seconds), str(one.statuses), str(one.logins), str(one.registrations))
            for one in figures.weeks
        ]
    )


async def peers(call: Call, given: Any) -> Answer:
    return json((await call.services.almanac.figures(call.services.db)).peers)


async def domain_blocks(call: Call, given: Any) -> Answer:
    """Other places that are limited or suspended as a whole, for those to whom the setting shows it."""
    shown_to = call.services.settings.moderation.show_domain_blocks
    if shown_to == "nobody":
        raise NotFound
    if shown_to == "users" and not call.viewer:
        raise Unauthorised("This method requires an authenticated user")
    return json([_blocked(one) for one in await public_blocks(call.services.db)])


def _blocked(block: DomainBlock) -> entities.DomainBlock:
    shown = public_domain(block.domain, obfuscate=block.obfuscate)
    return entities.DomainBlock(shown.domain, shown.digest, block.severity, block.public_comment or "")


async def extended_description(call: Call, given: Any) -> Answer:
    found = await store.document(call.services.db, "about", datetime.now(UTC))
    about = Terms(call.services.settings.description, datetime.now(UTC), None) if found is None else found
    return json(entities.Document(moment(about.effective_at), _html(call, about.body)))


async def privacy_policy(call: Call, given: Any) -> Answer:
    found = await store.document(call.services.db, "privacy", datetime.now(UTC))
    if found is None:
        raise NotFound
    return json(entities.Document(moment(found.effective_at), _html(call, found.body)))


class OfDate(msgspec.Struct, frozen=True):
    """The day on which they take effect, for apps that ask in the query; empty: as they are now."""

    date: str = ""


async def terms_of_service(call: Call, given: OfDate) -> Answer:
    if given.date:
        return await _terms_of(call, given.date)
    return _terms(call, await store.document(call.services.db, "terms", datetime.now(UTC)))


async def terms_of_date(call: Call, given: Any) -> Answer:
    return await _terms_of(call, call.values["date"])


async def _terms_of(call: Call, written: str) -> Answer:
    try:
        day = date.fromisoformat(written)
    except ValueError as error:
        raise NotFound from error
    return _terms(call, await store.document_of(call.services.db, "terms", day))


def _terms(call: Call, found: Terms | None) -> Answer:
    if found is None:
        raise NotFound
    return json(
        entities.TermsOfService(
            effective_date=found.effective_at.date().isoformat(),
            effective=found.effective_at <= datetime.now(UTC),
            content=_html(call, found.body),
            succeeded_by=None if found.succeeded_at is None else found.succeeded_at.date().isoformat(),
        )
    )


def _html(call: Call, text: str) -> str:
    settings = call.services.settings
    return render_html(
        text, link_mention=lambda _: None, link_tag=lambda name: places.tag_url(settings, fold_tag(name))
    )


async def translation_languages(call: Call, given: Any) -> Answer:
    return json(await call.services.translating.languages(call.services.settings))


async def languages(call: Call, given: Any) -> Answer:
    return json([entities.Language(code, name) for code, (name, _) in LANGUAGES.items()])


V1 = "/api/v1/instance"

ROUTES = [
    Route("GET", "/api/v2/instance", show, Access.OPEN, returns="Instance"),
    Route("GET", V1, show_v1, Access.OPEN, returns="V1::Instance"),
    Route("GET", f"{V1}/rules", show_rules, Access.OPEN, returns="[Rule]"),
    Route("GET", f"{V1}/activity", activity, Access.OPEN, returns="[Week]"),
    Route("GET", f"{V1}/peers", peers, Access.OPEN, returns="[string]"),
    Route("GET", f"{V1}/domain_blocks", domain_blocks, Access.PUBLIC, returns="[DomainBlock]"),
    Route("GET", f"{V1}/extended_description", extended_description, Access.OPEN, returns="ExtendedDescription"),
    Route("GET", f"{V1}/privacy_policy", privacy_policy, Access.OPEN, returns="PrivacyPolicy"),
    Route("GET", f"{V1}/terms_of_service", terms_of_service, Access.OPEN, (), OfDate, "TermsOfService"),
    Route("GET", f"{V1}/terms_of_service/:date", terms_of_date, Access.OPEN, returns="TermsOfService"),
    Route("GET", f"{V1}/translation_languages", translation_languages, Access.OPEN),
    Route("GET", f"{V1}/languages", languages, Access.OPEN, returns="[Language]"),
]
