"""All methods of the API, in the order in which the OpenAPI document has them."""

from collections.abc import Sequence

from townsquare.api import accounts as api_accounts
from townsquare.api import (
    admin_accounts,
    admin_blocks,
    admin_domains,
    admin_figures,
    admin_reports,
    admin_trends,
)
from townsquare.api import announcements as api_announcements
from townsquare.api import annual_reports as api_annual_reports
from townsquare.api import apps as api_apps
from townsquare.api import collections as api_collections
from townsquare.api import conversations as api_conversations
from townsquare.api import custom_emojis as api_custom_emojis
from townsquare.api import filters as api_filters
from townsquare.api import instance as api_instance
from townsquare.api import jury as api_jury
from townsquare.api import lists as api_lists
from townsquare.api import markers as api_markers
from townsquare.api import media as api_media
from townsquare.api import notices as api_notices
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
from townsquare.api import signals as api_signals
from townsquare.api import statuses as api_statuses
from townsquare.api import suggestions as api_suggestions
from townsquare.api import timelines as api_timelines
from townsquare.api import trends as api_trends
from townsquare.api.door import Route

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
    *api_notices.ROUTES,
    *api_signals.ROUTES,
    *api_jury.ROUTES,
    *admin_accounts.ROUTES,
    *admin_reports.ROUTES,
    *admin_domains.ROUTES,
    *admin_blocks.ROUTES,
    *admin_figures.ROUTES,
)
