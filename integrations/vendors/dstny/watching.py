"""How the watched users' calls come to be known: webhooks, streams, and reading them."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from msgspec import Struct, to_builtins

from common.times import utc_now
from integrations.contract.adapter import WebhookRequest
from integrations.contract.asking import ask_each
from integrations.contract.commands import AgentFilter, LiveCall, Snapshot, SubscriptionFilter, SubscriptionInfo
from integrations.contract.errors import VendorRejected
from integrations.contract.events import CtiEvent, Ignored, Notice, Reconcile
from integrations.contract.streams import StreamItem
from integrations.vendors.dstny.base import DstnyBase
from integrations.vendors.dstny.events import parse_delivery, told
from integrations.vendors.dstny.stream import SILENCE_S, AccountStream, multiplexed
from integrations.vendors.dstny.wire import CallState

_NOT_FOUND = 404
_LIFE = timedelta(seconds=3600)


class Registered(Struct, rename="camel"):
    """`expiresOn` is a number of seconds in the examples, and could be a time."""

    expires_on: int | str | None = None

    def expires_at(self, now: datetime) -> datetime:
        try:
            if isinstance(self.expires_on, int) or (self.expires_on or "").isdecimal():
                return now + timedelta(seconds=int(self.expires_on or 0))
            moment = datetime.fromisoformat(str(self.expires_on))
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return now + _LIFE  # as documented


class Watching(DstnyBase):
    """A subscription of ours is a webhook for each watched user, all of one name, made from the hook's address."""

    stream_transport = "sse"
    stream_silence = SILENCE_S
    lists_subscriptions = False

    @classmethod
    def parse(cls, request: WebhookRequest) -> Sequence[CtiEvent | Notice | Reconcile] | Ignored:
        return parse_delivery(request)

    async def snapshot(self) -> Snapshot:
        calls = await ask_each(await self._users(), self._live_calls)
        return Snapshot(calls=tuple(each for found in calls for each in found))

    async def read_calls(self, extension_id: str) -> Snapshot:
        return Snapshot(calls=tuple(await self._live_calls(extension_id)))

    # Streams.

    def wants_stream(self) -> bool:
        return bool(self.account.settings.get("transport") == "sse")

    async def stream(self) -> AsyncIterator[StreamItem]:
        users = await self._users()
        async for item in multiplexed(lambda put: AccountStream(self._client, users, put).run()):
            yield item

    # Webhooks.

    def wanted_subscription(self) -> SubscriptionFilter:
        named = self.account.settings.get("users") or self._client.logins.users
        return SubscriptionFilter(agents=tuple(AgentFilter(extension_id=each) for each in named))

    async def create_subscription(
        self, callback_url: str, wanted: SubscriptionFilter, secret: str = ""
    ) -> SubscriptionInfo:
        return await self._register(callback_url)

    async def renew_subscription(self, vendor_subscription_id: str, wanted: SubscriptionFilter) -> SubscriptionInfo:
        """Registers again, by the same names: whoever came into the directory meanwhile is watched from now on."""
        return await self._register(self.account.hook_url)

    async def delete_subscription(self, vendor_subscription_id: str) -> None:
        async def remove(user: str) -> None:
            try:
                await self._client.call("remove_user_webhook", user, target=f"{vendor_subscription_id}.{user}")
            except VendorRejected as error:
                if error.status != _NOT_FOUND:
                    raise

        await ask_each(await self._users(), remove)

    async def _register(self, hook_url: str) -> SubscriptionInfo:
        """Answers the earliest expiry. Raises VendorRejected naming those who can't be watched, after all others are."""
        now, name = utc_now(), _name(hook_url)

        async def register(user: str) -> datetime | VendorRejected:
            try:
                made = await self._client.read(
                    "add_user_webhook", Registered, user, json=_target(hook_url, f"{name}.{user}", user)
                )
                await self._live_calls(user, hook_url)  # those that have begun already are to be watched too
            except VendorRejected as error:
                return error
            return made.expires_at(now)

        users = await self._users()
        made = dict(zip(users, await ask_each(users, register), strict=True))
        refused = {user: error for user, error in made.items() if isinstance(error, VendorRejected)}
        if refused or not made:
            words = "; ".join(f"{user}: {error.message}" for user, error in refused.items())
            first = next(iter(refused.values()), None)
            raise VendorRejected(
                f"{len(refused)} of {len(made)} users can't be watched. {words}"[:1000],
                status=first.status if first else None,
                code=first.code if first else None,
            )
        return SubscriptionInfo(name, "", expires_at=min(each for each in made.values() if isinstance(each, datetime)))

    async def _live_calls(self, user: str, hook_url: str = "") -> list[LiveCall]:
        """The user's calls, each with a webhook for what becomes of it: those of users tell of new and ended ones alone."""
        hook_url = hook_url or ("" if self.wants_stream() else self.account.hook_url)
        calls = [call for call in await self._calls_of(user) if not call.is_over]
        if hook_url:
            calls = [await self._watched(user, call, hook_url) for call in calls]
        return [LiveCall(each.call_id, told(user, to_builtins(each))) for each in calls]

    async def _watched(self, user: str, call: CallState, hook_url: str) -> CallState:
        """The call as it is when it is watched. One that has just ended stays as it was read."""
        target = _target(hook_url, f"{_name(hook_url)}.{call.call_id}", user)
        try:
            return await self._client.read("add_call_webhook", CallState, user, json=target, call=call.call_id)
        except VendorRejected as error:
            if error.status != _NOT_FOUND:
                raise
            return call


def _name(hook_url: str) -> str:
    """The same for the same hook, and not to be guessed from."""
    return f"patchbay-{hashlib.sha256(hook_url.encode()).hexdigest()[:16]}"


def _target(hook_url: str, name: str, user: str) -> dict[str, str | bool]:
    """Payloads don't say whose they are, so the address does."""
    return {"targetUrl": f"{hook_url}?{urlencode({'user': user})}", "targetId": name, "publicTarget": True}
