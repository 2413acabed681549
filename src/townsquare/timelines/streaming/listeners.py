"""Who watches what in this process: from what facts are told on to those who listen to it."""

from collections.abc import Collection, Iterable, Sequence

from townsquare.timelines.streaming.model import Feed
from townsquare.timelines.streaming.outlet import Subscription


class Listeners:
    """Subscriptions by feed."""

    def __init__(self, subscriptions: Iterable[Subscription] = ()) -> None:
        self._by_feed: dict[Feed, list[Subscription]] = {}
        self._readers: dict[int, None] = {}
        self._lists: dict[tuple[int, int], None] = {}
        for one in subscriptions:
            self.add(one)

    def add(self, one: Subscription) -> None:
        for feed in one.feeds:
            self._by_feed.setdefault(feed, []).append(one)
            kind, reader, which = feed
            if kind == "user" and reader:
                self._readers[reader] = None
            elif kind == "list":
                self._lists[reader, int(which)] = None

    def remove(self, one: Subscription) -> None:
        """Nothing happens where it is not there."""
        for feed in one.feeds:
            listening = self._by_feed.get(feed)
            if listening is None or one not in listening:
                continue
            listening.remove(one)
            if listening:
                continue
            del self._by_feed[feed]
            kind, reader, which = feed
            if kind == "user" and reader:
                del self._readers[reader]
            elif kind == "list":
                del self._lists[reader, int(which)]

    def on(self, feed: Feed) -> Sequence[Subscription]:
        return self._by_feed.get(feed, ())

    @property
    def readers(self) -> Collection[int]:
        """Those who watch their home timeline."""
        return self._readers.keys()

    @property
    def lists(self) -> Collection[tuple[int, int]]:
        """Lists that are watched, by owner and id."""
        return self._lists.keys()
