"""The one table of side effects: what follows from what happens; and what is done from time to time.

A kind of event that nothing follows from yet stands in it too: a job of a kind that is not named would stay in the
queue.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final

from townsquare.accounts.block import end_expired_mutes, end_follows_of_domain
from townsquare.accounts.events import (
    AccountCreated,
    AccountDeleted,
    Blocked,
    Collected,
    CollectionChanged,
    DomainBlocked,
    Erasing,
    FollowAccepted,
    Followed,
    FollowRejected,
    FollowRequested,
    Muted,
    PicturesAdded,
    PicturesReplaced,
    ProfileChanged,
    Severed,
    SuggestionsAged,
    TagFollowed,
    TagUnfollowed,
    Unblocked,
    Uncollected,
    Unfollowed,
    Unlocked,
    Unmuted,
)
from townsquare.accounts.follow import authorise_waiting
from townsquare.accounts.suggestions import make_again, rank
from townsquare.accounts.verify import verify_links
from townsquare.api.services import Services
from townsquare.auth.callers import touch_seen
from townsquare.auth.credentials import send_links
from townsquare.auth.events import Joined, LinkAsked, Seen, SendMail
from townsquare.auth.mail import send_mail
from townsquare.auth.sweep import sweep
from townsquare.continuity import copies, lists_in
from townsquare.continuity.archive import alarms, store_removals
from townsquare.continuity.archive.state import home_of_files
from townsquare.continuity.events import ArchiveBrought, CopyAsked, ListBrought
from townsquare.continuity.mirror import keep, marks, refresh
from townsquare.continuity.mirror.model import Renderer
from townsquare.continuity.transfer import take_in as archives
from townsquare.db.pool import Database
from townsquare.federation import archive
from townsquare.jobs import Effects, store_failed
from townsquare.jobs.worker import name_of
from townsquare.kernel.fetch import network_with
from townsquare.kernel.settings import Settings
from townsquare.media import storage
from townsquare.media.events import FilesReplaced, MediaUploaded, RestrictedAttached
from townsquare.media.making import delete_replaced_files, make_uploaded
from townsquare.media.profile_pictures import delete_replaced, make_smaller_headers
from townsquare.media.upload import sweep_unattached
from townsquare.moderation import blocks as moderation_blocks
from townsquare.moderation import (
    checkpoints,
    deleted,
    domains,
    figures,
    follow_up,
    holds,
    kept,
    misuse_acts,
    removal,
    retention,
    timed,
)
from townsquare.moderation import notify as moderation_notify
from townsquare.moderation.cases import apply, decide, measure, queue, take_in
from townsquare.moderation.cases.events import (
    AccountEnded,
    AppealSettled,
    CaseDecided,
    CaseHeld,
    CaseUndone,
    HoldLapsed,
    StrikesReached,
    TagRestricted,
    ThingGivenBack,
)
from townsquare.moderation.events import (
    DomainStandingChanged,
    FileRestricted,
    FilesReported,
    FilesWithheld,
    ReportFiled,
    SensitivityChanged,
    StandingChanged,
    Warned,
)
from townsquare.moderation.jury import sit as jury
from townsquare.moderation.jury.events import JuryAsked
from townsquare.moderation.notices import follow as notices
from townsquare.moderation.notices import mail
from townsquare.moderation.notices.events import NoticeFiled, NoticeMail
from townsquare.moderation.notices.letters import send_letters
from townsquare.moderation.pulse import EVERY, Pulse
from townsquare.moderation.reasons import state
from townsquare.moderation.signals import follow as signals
from townsquare.moderation.signals import strikes
from townsquare.moderation.signals.events import SignalGiven
from townsquare.statuses import address, cards, emojis, quotes, schedule
from townsquare.statuses.events import (
    AddressChanged,
    CardGiven,
    EmojisChanged,
    Favourited,
    LinkShared,
    PollEnded,
    RestrictionChanged,
    StatusChanged,
    StatusDeleted,
    StatusDue,
    StatusEdited,
    StatusPosted,
    Unfavourited,
)
from townsquare.statuses.mute import mark_joined
from townsquare.statuses.store import delete_keys
from townsquare.statuses.translate import sweep_translations
from townsquare.timelines import (
    announce,
    conversations,
    digest,
    erase,
    home,
    notify,
    notify_collections,
    notify_mail,
    policy,
    push,
    search,
    tagged,
    trends,
    years,
)
from townsquare.timelines.digest_events import DigestDue, DigestReady, PreviewAsked
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
from townsquare.timelines.notify_events import MailDue, MailWaits, Notified, PushDue, RequestsAccepted
from townsquare.timelines.search_events import SearchLacks
from townsquare.timelines.streaming import tell

DELETIONS: Final = tuple(
    name_of(effect)
    for effect in (
        delete_replaced,
        delete_replaced_files,
        deleted.delete_pictures,
        follow_up.withhold,
        follow_up.withhold_files_restricted,
        follow_up.withhold_made,
        follow_up.withhold_restricted,
    )
)
"""What takes files away: tried until it is done, for else they come back with a store that was away."""
Periodic = tuple[timedelta, Callable[[], Awaitable[object]]]


def effects(services: Services) -> Effects:
    """All of it. A kind of event stands in one of the parts."""
    return {kind: called for part in PARTS for kind, called in part(services).items()}


def _of_posts(services: Services) -> Effects:
    """What follows from what is written and done with it."""
    db, settings = services.db, services.settings
    return {
        StatusPosted: [
            partial(mark_joined, db),
            partial(home.push, db, settings.home.push_bound),
            partial(tagged.push_tagged, db, settings.home.push_bound),
            partial(tell.tell_posted, db),
            partial(notify.notify_posted, db),
            partial(search.index_posted, db),
            partial(conversations.enter_own, db),
            partial(cards.ask_posted, db, settings),
            partial(trends.count_posted, db),
            partial(marks.mark_posts, db),
        ],
        StatusEdited: [
            partial(home.name_anew, db),
            partial(tell.tell_edited, db),
            partial(notify.notify_edited, db),
            partial(search.index_edited, db),
            partial(cards.ask_edited, db, settings),
            partial(marks.mark_posts, db),
        ],
        StatusDeleted: [
            partial(home.take_out, db),
            partial(tagged.take_out_tagged, db),
            partial(tell.tell_deleted, db),
            partial(notify.forget_deleted, db),
            partial(conversations.take_out, db),
            partial(quotes.note_deleted, db),
            partial(deleted.delete_pictures, db, services.storage),
            partial(marks.mark_posts, db),
        ],
        StatusChanged: [partial(tell.tell_changed, db), partial(marks.mark_posts, db)],
        RestrictionChanged: [
            partial(tagged.follow_restriction, db, settings.home.push_bound),
            partial(tell.tell_restricted, db),
            partial(follow_up.withhold_restricted, db, services.storage),
            partial(marks.mark_posts, db),
        ],
        StatusDue: [partial(schedule.publish, db, settings)],
        PollEnded: [partial(notify.notify_poll_ended, db), partial(marks.mark_posts, db)],
        Favourited: [partial(notify.notify_favourited, db), partial(trends.count_favourited, db)],
        Unfavourited: [partial(notify.forget_favourited, db)],
    }


def _of_what_is_attached(services: Services) -> Effects:
    """What follows from links and files of posts."""
    db, settings = services.db, services.settings
    network = network_with(settings.outside.allow)
    return {
        LinkShared: [partial(cards.make, db, services.storage, settings, network)],
        CardGiven: [
            partial(search.index_given, db),
            partial(tell.tell_changed, db),
            partial(trends.count_cards, db),
            partial(marks.mark_posts, db),
        ],
        MediaUploaded: [
            partial(make_uploaded, db, services.storage, settings),
            partial(follow_up.withhold_made, db, services.storage),
        ],
        FilesReplaced: [partial(delete_replaced_files, db, services.storage)],
        RestrictedAttached: [partial(apply.follow_files, db, settings)],
    }


def _of_people(services: Services) -> Effects:
    """What follows from what people are to each other, and from who they say they are."""
    db, settings = services.db, services.settings
    return {
        AccountCreated: [partial(domains.follow_block_anew, db, settings)],
        AccountDeleted: [partial(marks.mark_people, db)],
        Erasing: [partial(erase.erase_on, erase.Place(db, services.storage, settings, deleted.keep))],
        ProfileChanged: [
            partial(domains.follow_block_anew, db, settings),
            partial(verify_links, db, settings),
            partial(cards.credit, db, settings),
            partial(marks.mark_people, db),
        ],
        PicturesAdded: [partial(marks.mark_people, db)],
        PicturesReplaced: [partial(delete_replaced, db, services.storage), partial(marks.mark_pictures, db)],
        SuggestionsAged: [partial(make_again, db)],
        Followed: [partial(home.bring_in, db), partial(notify.notify_followed, db)],
        FollowRequested: [partial(notify.notify_requested, db)],
        FollowAccepted: [],
        FollowRejected: [],
        Unfollowed: [partial(home.take_away, db), partial(notify.forget_followed, db)],
        Unlocked: [partial(authorise_waiting, db)],
        Blocked: [partial(policy.forget_blocked, db)],
        Unblocked: [],
        Muted: [],
        Unmuted: [],
        DomainBlocked: [partial(end_follows_of_domain, db), partial(notify.forget_domain, db)],
        Severed: [partial(notify.notify_severed, db)],
        Collected: [partial(notify_collections.notify_collected, db)],
        CollectionChanged: [partial(notify_collections.notify_changed, db)],
        Uncollected: [partial(notify_collections.forget_collected, db)],
        TagFollowed: [],
        TagUnfollowed: [],
    }


def _of_notices(services: Services) -> Effects:
    """What people are told: notifications, and the pushes, mail and conversations that follow from them."""
    db, settings = services.db, services.settings
    return {
        Notified: [
            partial(tell.tell_notified, db),
            partial(conversations.enter_told, db),
            partial(push.ring, db),
            partial(notify_mail.remind, db, settings),
        ],
        RequestsAccepted: [
            partial(policy.bring_in, db),
            partial(conversations.enter_accepted, db),
            partial(tell.tell_merged, db),
        ],
        MailWaits: [partial(notify_mail.gather, db)],
        MailDue: [partial(notify_mail.send_told, db, settings)],
        DigestDue: [partial(digest.gather, db, settings, services.filters)],
        DigestReady: [partial(digest.send, db, settings, services.filters)],
        PreviewAsked: [partial(digest.preview, db, settings, services.filters)],
        PushDue: [partial(push.send_pushes, db, settings, push.network_of(settings))],
        ConversationChanged: [partial(tell.tell_conversed, db)],
        FiltersChanged: [partial(tell.tell_filters_changed, db)],
    }


def _of_order(services: Services) -> Effects:
    """What follows from what the staff do, and from what is reported to them."""
    db, settings = services.db, services.settings
    return {
        ReportFiled: [
            partial(take_in.gather_reported, db),
            partial(moderation_notify.tell_reported, db),
        ],
        FilesReported: [partial(kept.keep_files, db, services.storage)],
        Warned: [partial(moderation_notify.tell_warned, db)],
        SensitivityChanged: [partial(follow_up.mark_posts, db), partial(marks.mark_people, db)],
        StandingChanged: [partial(marks.mark_people, db)],
        FilesWithheld: [partial(marks.mark_people, db), partial(follow_up.withhold, db, services.storage)],
        FileRestricted: [partial(follow_up.withhold_files_restricted, db, services.storage)],
        DomainStandingChanged: [partial(domains.follow_block, db, settings)],
        NoticeFiled: [partial(notices.gather_noticed, db), partial(notices.tell_noticed, db)],
        SignalGiven: [partial(signals.gather_signalled, db)],
        StrikesReached: [partial(strikes.look_through, db, settings)],
        JuryAsked: [partial(jury.draw_asked, db, settings)],
        NoticeMail: [partial(send_letters, db, services.storage, settings)],
        AccountEnded: [partial(apply.follow, db, settings), partial(state.end_of_account, db)],
        AppealSettled: [partial(apply.follow, db, settings)],
        HoldLapsed: [partial(apply.follow, db, settings), partial(state.lapse, db)],
        CaseHeld: [partial(apply.follow, db, settings), partial(state.state_meanwhile, db, settings)],
        CaseDecided: [
            partial(apply.follow, db, settings),
            partial(measure.double_some, db, settings),
            partial(state.state, db, settings),
            partial(notices.answer_cases, db),
            partial(misuse_acts.follow, db, settings),
        ],
        TagRestricted: [partial(marks.mark_tags, db)],
        ThingGivenBack: [
            partial(apply.follow, db, settings),
            partial(state.give_back, db),
            partial(notices.answer_cases, db),
        ],
        CaseUndone: [
            partial(apply.follow, db, settings),
            partial(state.take_back, db),
            partial(notices.answer_cases, db),
        ],
    }


def _of_the_place(services: Services) -> Effects:
    """What follows from coming here, and from what the place says and is."""
    db, settings = services.db, services.settings
    return {
        Joined: [partial(notify.notify_joined, db)],
        Seen: [
            partial(touch_seen, db),
            partial(figures.note_visits, db),
            partial(home.welcome_back, db, settings.home),
        ],
        LinkAsked: [partial(send_links, db)],
        SendMail: [partial(send_mail, db, settings)],
        CopyAsked: [partial(archive.make, db, services.storage, settings)],
        ArchiveBrought: [partial(archives.take_in, db, services.storage, settings)],
        ListBrought: [partial(lists_in.take_in, db, settings)],
        AnnouncementDue: [partial(announce.publish_due, db)],
        AnnouncementOver: [partial(announce.say_over, db)],
        AnnouncementPublished: [partial(tell.tell_announced, db, settings)],
        AnnouncementReacted: [partial(tell.tell_reacted, db, settings)],
        AnnouncementDeleted: [partial(tell.tell_unannounced, db)],
        YearAsked: [partial(years.make, db)],
        AddressChanged: [partial(address.render_on, db, settings)],
        EmojisChanged: [partial(emojis.render_named, db, settings)],
        SearchLacks: [partial(search.index_behind, db)],
    }


PARTS = (_of_posts, _of_what_is_attached, _of_people, _of_notices, _of_order, _of_the_place)


def _mirror_pages(db: Database, settings: Settings) -> Renderer:
    """Loaded where there is a mirror only: the background work needs the templates of the pages for nothing else."""
    from townsquare.web.mirror.pages import Pages  # noqa: PLC0415 (as the line above says)

    return Pages(db, settings)


def upkeep(services: Services) -> list[Periodic]:
    """What is done again and again, and how often."""
    db, settings = services.db, services.settings
    pulse = Pulse()
    keep_mirror = partial(keep.refresh_all, db, services.storage, settings, partial(_mirror_pages, db, settings))
    return [
        (EVERY, partial(pulse.note, db, services.census)),
        (refresh.EVERY, keep_mirror),
        (alarms.EVERY, partial(alarms.look, db, home_of_files(services.storage))),
        (timedelta(minutes=10), partial(end_expired_mutes, db)),
        (apply.EVERY, partial(apply.end_timed, db, settings)),
        (timedelta(minutes=1), partial(decide.settle_stranded, db)),
        (timedelta(minutes=1), partial(queue.end_assignments, db)),
        (timedelta(hours=1), partial(measure.end_left_over, db)),
        (timed.EVERY, partial(timed.end_timed, db)),
        (timedelta(minutes=1), partial(tell.forget_told, db)),
        (timedelta(minutes=10), partial(store_failed.go_on, db, DELETIONS)),
        (timedelta(hours=1), partial(sweep, db)),
        (timedelta(hours=1), partial(copies.sweep, db, services.storage)),
        (timedelta(hours=1), partial(lists_in.sweep, db)),
        (timedelta(minutes=10), partial(archives.sweep, db, services.storage)),
        (timedelta(hours=1), partial(moderation_blocks.sweep, db)),
        (timedelta(hours=1), partial(figures.sweep_visits, db)),
        (timedelta(hours=1), partial(checkpoints.make_and_publish, db, settings)),
        (timedelta(hours=1), partial(removal.remove_suspended, db, settings)),
        (holds.EVERY, partial(holds.seal_kept, db)),
        (timedelta(hours=1), partial(holds.forget, db, services.storage)),
        (timedelta(hours=1), partial(retention.purge_evidence, db, services.storage, settings)),
        (timedelta(hours=1), partial(deleted.sweep, db, services.storage)),
        (take_in.EVERY, partial(take_in.rate_again, db)),
        (timedelta(minutes=1), partial(notices.remind, db)),
        (timedelta(minutes=1), partial(jury.close_over, db)),
        (timedelta(seconds=15), partial(mail.take_folder, db, settings)),
        (timedelta(hours=1), partial(delete_keys, db)),
        (timedelta(hours=6), partial(store_removals.forget, db, store_removals.KEPT)),
        (timedelta(hours=1), partial(sweep_translations, db)),
        (timedelta(hours=1), partial(sweep_unattached, db, services.storage)),
        (timedelta(minutes=1), partial(storage.mend, services.storage)),
        (timedelta(minutes=1), partial(make_smaller_headers, db, services.storage, settings)),
        (timedelta(hours=1), partial(erase.resume, db)),
        (timedelta(hours=6), partial(rank, db)),
        (timedelta(hours=1), partial(cards.sweep, db)),
        (timedelta(minutes=1), partial(digest.begin, db, settings)),
        (timedelta(hours=1), partial(digest.sweep, db)),
        (timedelta(minutes=1), partial(trends.refresh, db, settings)),
        (timedelta(hours=1), partial(trends.sweep, db)),
        (timedelta(hours=1), partial(home.trim, db, settings.home.length)),
        (timedelta(hours=1), partial(home.lapse, db, settings.home.dormant_days)),
    ]
