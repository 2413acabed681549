"""The wiring: which routes there are, what follows from what happens, and what a process opens when it starts."""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from townsquare.accounts.block import end_expired_mutes, end_follows_of_domain
from townsquare.accounts.events import (
    AccountCreated,
    AccountDeleted,
    Blocked,
    DomainBlocked,
    Erasing,
    FollowAccepted,
    Followed,
    FollowRejected,
    FollowRequested,
    Muted,
    PicturesReplaced,
    ProfileChanged,
    Severed,
    SuggestionsAged,
    TagFollowed,
    TagUnfollowed,
    Unblocked,
    Unfollowed,
    Unlocked,
    Unmuted,
)
from townsquare.accounts.follow import authorise_waiting
from townsquare.accounts.suggestions import make_again, rank
from townsquare.accounts.verify import verify_links
from townsquare.api import accounts as api_accounts
from townsquare.api import (
    admin_accounts,
    admin_blocks,
    admin_domains,
    admin_figures,
    admin_reports,
    admin_trends,
    health,
    openapi,
)
from townsquare.api import announcements as api_announcements
from townsquare.api import annual_reports as api_annual_reports
from townsquare.api import apps as api_apps
from townsquare.api import collections as api_collections
from townsquare.api import conversations as api_conversations
from townsquare.api import custom_emojis as api_custom_emojis
from townsquare.api import filters as api_filters
from townsquare.api import instance as api_instance
from townsquare.api import lists as api_lists
from townsquare.api import markers as api_markers
from townsquare.api import media as api_media
from townsquare.api import metrics as api_metrics
from townsquare.api import notification_policy as api_policy
from townsquare.api import notifications as api_notifications
from townsquare.api import oauth as api_oauth
from townsquare.api import oembed as api_oembed
from townsquare.api import polls as api_polls
from townsquare.api import profile as api_profile
from townsquare.api import push as api_push
from townsquare.api import quotes as api_quotes
from townsquare.api import registration as api_registration
from townsquare.api import relations as api_relations
from townsquare.api import reports as api_reports
from townsquare.api import scheduled as api_scheduled
from townsquare.api import search as api_search
from townsquare.api import statuses as api_statuses
from townsquare.api import streaming as api_streaming
from townsquare.api import suggestions as api_suggestions
from townsquare.api import timelines as api_timelines
from townsquare.api import trends as api_trends
from townsquare.api import unknown as api_unknown
from townsquare.api.door import Route, endpoints
from townsquare.api.services import Services
from townsquare.auth.callers import CHANNEL as FORGET
from townsquare.auth.callers import Callers, touch_seen
from townsquare.auth.credentials import send_links
from townsquare.auth.events import Joined, LinkAsked, Seen, SendMail
from townsquare.auth.mail import send_mail
from townsquare.auth.sweep import sweep
from townsquare.db.listen import Heard, listen
from townsquare.db.pool import BACKGROUND, SESSION, Database
from townsquare.federation import door as federation
from townsquare.federation.negotiate import negotiated
from townsquare.jobs import Bell, Effects, every, run
from townsquare.kernel import metrics
from townsquare.kernel.fetch import network_with
from townsquare.kernel.http.application import Application
from townsquare.kernel.http.endpoint import Endpoint
from townsquare.kernel.settings import Settings, load_resolved
from townsquare.kernel.stopping import on_stop
from townsquare.media.events import FilesReplaced, MediaUploaded
from townsquare.media.making import delete_replaced_files, make_uploaded
from townsquare.media.profile_pictures import delete_replaced
from townsquare.media.storage import open_storage
from townsquare.media.upload import sweep_unattached
from townsquare.moderation import blocks as moderation_blocks
from townsquare.moderation import domains, figures, follow_up, notices, removal, reports
from townsquare.moderation.events import (
    DomainStandingChanged,
    FilesDropped,
    FilesWithheld,
    ReportFiled,
    SensitivityChanged,
    Warned,
)
from townsquare.policies.address import networks
from townsquare.policies.blocks import CHANNEL as BARRED
from townsquare.policies.counts import Counts
from townsquare.policies.rate import Rates, shared_file
from townsquare.statuses import address, cards, emojis, quotes, schedule
from townsquare.statuses.delete import delete_pictures
from townsquare.statuses.events import (
    AddressChanged,
    CardGiven,
    EmojisChanged,
    Favourited,
    LinkShared,
    PollEnded,
    StatusChanged,
    StatusDeleted,
    StatusDue,
    StatusEdited,
    StatusPosted,
    Unfavourited,
)
from townsquare.statuses.store import delete_keys
from townsquare.statuses.translate import sweep_translations
from townsquare.timelines import (
    announce,
    conversations,
    erase,
    home,
    notify,
    notify_mail,
    policy,
    push,
    search,
    tagged,
    trends,
    years,
)
from townsquare.timelines.events import (
    AnnouncementDeleted,
    AnnouncementDue,
    AnnouncementOver,
    AnnouncementPublished,
    AnnouncementReacted,
    ConversationChanged,
    FiltersChanged,
    YearAsked,
)
from townsquare.timelines.filters import FilterCache
from townsquare.timelines.notify_events import MailDue, MailWaits, Notified, PushDue, RequestsAccepted
from townsquare.timelines.search_events import SearchLacks
from townsquare.timelines.streaming import tell
from townsquare.web import all_pages as pages
from townsquare.web.site import open_site

API: Sequence[Route] = (
    *api_apps.ROUTES,
    *api_oauth.ROUTES,
    *api_registration.ROUTES,
    *api_accounts.ROUTES,
    *api_profile.ROUTES,
    *api_relations.ROUTES,
    *api_suggestions.ROUTES,
    *api_collections.ROUTES,
    *api_lists.ROUTES,
    *api_statuses.ROUTES,
    *api_polls.ROUTES,
    *api_quotes.ROUTES,
    *api_scheduled.ROUTES,
    *api_media.ROUTES,
    *api_timelines.ROUTES,
    *api_conversations.ROUTES,
    *api_policy.ROUTES,
    *api_push.ROUTES,
    *api_notifications.ROUTES,
    *api_markers.ROUTES,
    *api_filters.ROUTES,
    *api_search.ROUTES,
    *api_oembed.ROUTES,
    *api_trends.ROUTES,
    *admin_trends.ROUTES,
    *api_instance.ROUTES,
    *api_custom_emojis.ROUTES,
    *api_announcements.ROUTES,
    *api_annual_reports.ROUTES,
    *api_reports.ROUTES,
    *admin_accounts.ROUTES,
    *admin_reports.ROUTES,
    *admin_domains.ROUTES,
    *admin_blocks.ROUTES,
    *admin_figures.ROUTES,
)


def effects(services: Services) -> Effects:
    """The one table of side effects: what follows from what happens."""
    db, settings = services.db, services.settings
    network = network_with(settings.outside.allow)
    return {
        StatusPosted: [
            partial(home.push, db, settings.home.push_bound),
            partial(tagged.push_tagged, db, settings.home.push_bound),
            partial(tell.tell_posted, db),
            partial(notify.notify_posted, db),
            partial(search.index_posted, db),
            partial(conversations.enter_own, db),
            partial(cards.ask_posted, db, settings),
            partial(trends.count_posted, db),
        ],
        StatusEdited: [
            partial(tell.tell_edited, db),
            partial(notify.notify_edited, db),
            partial(search.index_edited, db),
            partial(cards.ask_edited, db, settings),
        ],
        LinkShared: [partial(cards.make, db, services.storage, settings, network)],
        CardGiven: [partial(search.index_given, db), partial(tell.tell_changed, db), partial(trends.count_cards, db)],
        SearchLacks: [partial(search.index_behind, db)],
        StatusDeleted: [
            partial(home.take_out, db),
            partial(tagged.take_out_tagged, db),
            partial(tell.tell_deleted, db),
            partial(notify.forget_deleted, db),
            partial(conversations.take_out, db),
            partial(quotes.note_deleted, db),
            partial(delete_pictures, services.storage),
            partial(follow_up.drop_deleted, db, services.storage),
        ],
        StatusChanged: [partial(tell.tell_changed, db)],
        StatusDue: [partial(schedule.publish, db, settings)],
        PollEnded: [partial(notify.notify_poll_ended, db)],
        AddressChanged: [partial(address.render_on, db, settings)],
        EmojisChanged: [partial(emojis.render_named, db, settings)],
        Favourited: [partial(notify.notify_favourited, db), partial(trends.count_favourited, db)],
        Unfavourited: [partial(notify.forget_favourited, db)],
        Followed: [partial(home.bring_in, db), partial(notify.notify_followed, db)],
        FollowRequested: [partial(notify.notify_requested, db)],
        Unfollowed: [partial(home.take_away, db), partial(notify.forget_followed, db)],
        Unlocked: [partial(authorise_waiting, db)],
        Blocked: [partial(policy.forget_blocked, db)],
        DomainBlocked: [partial(end_follows_of_domain, db), partial(notify.forget_domain, db)],
        Severed: [partial(notify.notify_severed, db)],
        Notified: [
            partial(tell.tell_notified, db),
            partial(conversations.enter_told, db),
            partial(push.ring, db),
            partial(notify_mail.remind, db, settings),
        ],
        MailWaits: [partial(notify_mail.gather, db)],
        MailDue: [partial(notify_mail.send_told, db, settings)],
        PushDue: [partial(push.send_pushes, db, settings, push.network_of(settings))],
        RequestsAccepted: [
            partial(policy.bring_in, db),
            partial(conversations.enter_accepted, db),
            partial(tell.tell_merged, db),
        ],
        ConversationChanged: [partial(tell.tell_conversed, db)],
        FiltersChanged: [partial(tell.tell_filters_changed, db)],
        Joined: [partial(notify.notify_joined, db)],
        AnnouncementDue: [partial(announce.publish_due, db)],
        AnnouncementOver: [partial(announce.say_over, db)],
        AccountCreated: [partial(domains.follow_block_anew, db, settings)],
        ProfileChanged: [
            partial(domains.follow_block_anew, db, settings),
            partial(verify_links, db, settings),
            partial(cards.credit, db, settings),
        ],
        PicturesReplaced: [partial(delete_replaced, services.storage)],
        SuggestionsAged: [partial(make_again, db)],
        ReportFiled: [
            partial(reports.keep_reported, db, services.storage),
            partial(notices.tell_reported, db),
        ],
        Warned: [partial(notices.tell_warned, db)],
        SensitivityChanged: [partial(follow_up.mark_posts, db)],
        FilesDropped: [partial(follow_up.drop, services.storage)],
        FilesWithheld: [partial(follow_up.move_withheld, db, services.storage)],
        DomainStandingChanged: [partial(domains.follow_block, db, settings)],
        AnnouncementPublished: [partial(tell.tell_announced, db, settings)],
        AnnouncementReacted: [partial(tell.tell_reacted, db, settings)],
        AnnouncementDeleted: [partial(tell.tell_unannounced, db)],
        YearAsked: [partial(years.make, db)],
        Erasing: [partial(erase.erase_on, db, services.storage, settings)],
        MediaUploaded: [partial(make_uploaded, db, services.storage, settings)],
        FilesReplaced: [partial(delete_replaced_files, services.storage)],
        # Nothing follows from these yet; a job of a kind that is not named here would stay in the queue.
        AccountDeleted: [],
        FollowAccepted: [],
        FollowRejected: [],
        Unblocked: [],
        Muted: [],
        Unmuted: [],
        TagFollowed: [],
        TagUnfollowed: [],
        LinkAsked: [partial(send_links, db)],
        SendMail: [partial(send_mail, db, settings)],
        Seen: [
            partial(touch_seen, db),
            partial(figures.note_visits, db),
            partial(home.welcome_back, db, settings.home),
        ],
    }


@asynccontextmanager
async def opened(
    settings: Settings, meter: metrics.Meter, *, session: Mapping[str, str] = SESSION, bell: Bell | None = None
) -> AsyncGenerator[Services]:
    """What a process has open: the database, the store, and caches that hear of changes. `bell`: rung for jobs."""
    connections = settings.database.connections
    async with Database.connect(settings.database_url, connections=connections, session=session) as db:
        callers, filters = Callers(), FilterCache()
        services = Services(
            settings=settings,
            db=db,
            callers=callers,
            rates=Rates(enabled=settings.limits.enabled, counts=Counts(shared_file(os.environ))),
            trusted_proxies=networks(settings.web.trusted_proxies),
            pulled=home.Pulled(),
            filters=filters,
            hub=api_streaming.open_hub(db, callers, filters),
            storage=open_storage(settings.storage),
            meter=meter,
        )
        await services.pulled.load(db)
        await services.barred.load(db)
        place = metrics.folder(os.environ)
        beside = [asyncio.create_task(_listen(services, bell))]
        if place is not None:
            beside.append(asyncio.create_task(metrics.keep(meter, place, partial(api_metrics.gauges, services))))
        try:
            yield services
        finally:
            for task in beside:
                task.cancel()


async def _listen(services: Services, bell: Bell | None) -> None:
    caches = (services.callers, services.filters)

    def forget(payload: str) -> None:
        for one in (*caches, services.hub):
            one.forget(payload)

    async def up() -> None:
        await services.pulled.load(services.db)
        await services.barred.load(services.db)
        for one in (*caches, services.hub):
            one.up()

    def down() -> None:
        for cache in caches:
            cache.down()

    channels: dict[str, Heard] = {
        FORGET: forget,
        home.PULLED: services.pulled.add,
        BARRED: services.barred.hear,
        tell.CHANNEL: services.hub.wake,
    }
    if bell is not None:
        channels |= bell.heard
    await listen(services.settings.database_url, channels, up=up, down=down)


def doors(services: Services) -> list[Endpoint]:
    """All addresses of this place, whichever door they belong to."""
    others = federation.Services(
        settings=services.settings,
        db=services.db,
        rates=services.rates,
        trusted_proxies=services.trusted_proxies,
        barred=services.barred,
        census=services.census,
    )
    site = open_site(
        settings=services.settings,
        db=services.db,
        callers=services.callers,
        rates=services.rates,
        trusted_proxies=services.trusted_proxies,
        pulled=services.pulled,
        filters=services.filters,
        storage=services.storage,
        barred=services.barred,
    )
    return [
        *health.endpoints(services),
        api_metrics.endpoint(services, metrics.folder(os.environ)),
        openapi.endpoint(services.settings, API),
        *api_streaming.endpoints(services),
        *endpoints(services, API),
        *api_unknown.endpoints(),
        *federation.endpoints(others),
        *negotiated(pages.endpoints(site), federation.documents(others)),
    ]


_meter = metrics.Meter("web")


@asynccontextmanager
async def _start() -> AsyncGenerator[Sequence[Endpoint]]:
    async with opened(load_resolved(os.environ), _meter) as services:
        await address.compare(services.db, services.settings)
        handing_out = asyncio.create_task(services.hub.run())
        with on_stop(services.hub.stop):
            yield doors(services)
        handing_out.cancel()


application = Application(_start, observe=_meter.request)


async def work(settings: Settings, stop: asyncio.Event) -> None:
    """Background work until `stop`; then what is under way is finished."""
    bell = Bell()
    async with opened(settings, metrics.Meter("work"), session=BACKGROUND, bell=bell) as services:
        db = services.db
        await asyncio.gather(
            run(db, effects(services), stop, bell=bell, observe=services.meter.job),
            every(timedelta(minutes=10), partial(end_expired_mutes, db), stop),
            every(timedelta(minutes=1), partial(tell.forget_told, db), stop),
            every(timedelta(hours=1), partial(sweep, db), stop),
            every(timedelta(hours=1), partial(moderation_blocks.sweep, db), stop),
            every(timedelta(hours=1), partial(figures.sweep_visits, db), stop),
            every(timedelta(hours=1), partial(removal.remove_suspended, db, settings), stop),
            every(timedelta(hours=1), partial(delete_keys, db), stop),
            every(timedelta(hours=1), partial(sweep_translations, db), stop),
            every(timedelta(hours=1), partial(sweep_unattached, db, services.storage), stop),
            every(timedelta(hours=1), partial(erase.resume, db), stop),
            every(timedelta(hours=6), partial(rank, db), stop),
            every(timedelta(hours=1), partial(cards.sweep, db, services.storage), stop),
            every(timedelta(minutes=5), partial(trends.refresh, db, settings), stop),
            every(timedelta(hours=1), partial(trends.sweep, db), stop),
            every(timedelta(hours=1), partial(home.trim, db, settings.home.length), stop),
            every(timedelta(hours=1), partial(home.lapse, db, settings.home.dormant_days), stop),
        )
