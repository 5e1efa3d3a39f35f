"""How calls come to be known: notifications that a person sets up, and asking for all calls again and again.

Notifications come at once and tell little; list.calls tells all, a moment later. Both are always on.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from common.times import utc_now
from integrations.contract.adapter import PastedSubscription, WebhookRequest
from integrations.contract.commands import LiveCall, Snapshot, SubscriptionFilter, SubscriptionInfo
from integrations.contract.errors import VendorUnavailable
from integrations.contract.events import CtiEvent, Ignored
from integrations.contract.polling import LONGEST_PAUSE_S, Pace, interval_s
from integrations.contract.streams import Alive, Connected, Received, StreamItem
from integrations.vendors.callgear.base import CallGearBase
from integrations.vendors.callgear.events import over, parse_delivery, shown
from integrations.vendors.callgear.templates import TEMPLATES
from integrations.vendors.callgear.wire import Unreadable, read_call

DEPRECATED = (
    "CallGear says that this version of its Call API ends within the next months. "
    "Change the account's address to the new version."
)
_PASTED = "pasted"
_LIST = "list.calls"
_TICK = timedelta(milliseconds=1)


class Watching(CallGearBase):
    """Events in."""

    stream_transport = "poll"
    lists_subscriptions = False
    pasted_subscription = PastedSubscription(
        steps=(
            "CallGear has no API for this: somebody has to set it up in its client area, once for each kind of event.",
            'Go to the notifications ("Notification management"), and add one for each event below.',
            "Choose HTTP as the way, POST as the method, and paste the secret address and the event's template. "
            "Leave the braces as they are, without quotes around them.",
            "Calls are shown without notifications too, some seconds later, as CallGear is asked for them all the time.",
        ),
        templates=TEMPLATES,
    )

    @classmethod
    def parse(cls, request: WebhookRequest) -> Sequence[CtiEvent] | Ignored:
        return parse_delivery(request)

    async def snapshot(self) -> Snapshot:
        asked_at = utc_now()
        listed = as_list(await self._calls.ask(_LIST))
        return Snapshot(tuple(LiveCall(read_id(each), shown(each, asked_at)) for each in listed))

    # Polls.

    def wants_stream(self) -> bool:
        return True

    async def stream(self) -> AsyncIterator[StreamItem]:
        pace, watch, points = Pace(interval_s(self.account), news=self.news), Watch(), self._calls.points
        connected: Connected | None = None
        async for _ in pace:
            if wait := points.poller_waits():
                pace.rest(min(wait, LONGEST_PAUSE_S))
                yield Alive()
                continue
            asked_at = utc_now()
            try:
                listed = as_list(await self._calls.poll(_LIST))
            except VendorUnavailable as error:
                pace.heed(error)
                continue
            standing = Connected(gap=connected is None, warning=DEPRECATED if self._calls.is_deprecated else "")
            if connected is None or standing.warning != connected.warning:
                connected = standing
                yield standing
            for body in watch.changes(listed, asked_at):
                yield Received(body)
            yield Alive()
            pace.busy = watch.is_busy

    # Notifications.

    def wants_subscription(self) -> bool:
        return True

    def wanted_subscription(self) -> SubscriptionFilter:
        return SubscriptionFilter()

    async def create_subscription(
        self, callback_url: str, wanted: SubscriptionFilter, secret: str = ""
    ) -> SubscriptionInfo:
        """Somebody pastes it, or nobody does: CallGear can't be asked which."""
        return SubscriptionInfo(_PASTED, callback_url)

    async def delete_subscription(self, vendor_subscription_id: str) -> None:
        """What was pasted calls a hook that is gone."""


class Watch:
    """What the last answers showed, and what the next one changes.

    A session that is missing once may be so by mistake; missing twice in a row, it is over.
    """

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}
        self._missing: set[str] = set()
        self._last: datetime | None = None

    @property
    def is_busy(self) -> bool:
        return bool(self._known)

    def changes(self, listed: Sequence[Any], asked_at: datetime) -> Iterator[bytes]:
        """What to tell `parse`, of calls that began, changed, or are over. Time never goes back, whatever the clock does."""
        at = self._last = max(asked_at, self._last + _TICK) if self._last else asked_at
        calls = {read_id(each): each for each in listed}
        for call_id, call in calls.items():
            if self._known.get(call_id) != call:
                yield shown(call, at)
        gone = [call_id for call_id in self._known.keys() - calls.keys() if call_id in self._missing]
        for call_id in sorted(gone):
            del self._known[call_id]
            if call_id:
                yield over(call_id, at)
        self._missing = self._known.keys() - calls.keys()
        self._known |= calls


def as_list(data: Any) -> list[Any]:
    """What list.calls answers. Raises VendorUnavailable for what is no list: then nobody knows which calls there are."""
    if not isinstance(data, list):
        raise VendorUnavailable("CallGear's answer to list.calls is no list.")
    return data


def read_id(call: Any) -> str:
    """A session's id; empty for what can't be read, which `parse` says why."""
    try:
        return read_call(call).id
    except Unreadable:
        return ""
