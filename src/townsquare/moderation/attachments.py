"""What notifications carry besides an account and a post, for the doors that show them."""

from functools import cache, partial

from townsquare.accounts import curated, severances
from townsquare.moderation import notify
from townsquare.timelines.attached import Attachment, Attachments


@cache
def attachments(base_url: str) -> Attachments:
    """What notifications of some types are about, at this address."""
    collection = Attachment("collection", partial(curated.fetch_joined, base_url))
    return {
        "severed_relationships": Attachment("event", severances.fetch_entities),
        "admin.report": Attachment("report", notify.fetch_reports),
        "moderation_warning": Attachment("moderation_warning", notify.fetch_warnings),
        "added_to_collection": collection,
        "collection_update": collection,
    }
