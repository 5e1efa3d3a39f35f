"""Users' calls by server-sent events ("Call State API"), all watched users of an account as one stream.

A user's own stream tells of their SIP dialogs in XML, which is never read: that something came means that the user's state is
to be fetched. Each call has a stream of its states besides. A state is passed on when its token differs from the one before;
a call that is in no state any more is passed on as TERMINATED, or where nothing says why, a moment later as GONE. Members'
streams of queue statistics, XML too, have the groups fetched.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from msgspec import Struct

from integrations.contract.connections import EventSource, SseComment
from integrations.contract.errors import AuthorizationLost, VendorError, VendorRejected, VendorUnavailable
from integrations.contract.streams import Alive, Connected, Received, StreamItem
from integrations.vendors.dstny.calls import may_go_on
from integrations.vendors.dstny.client import DstnyClient
from integrations.vendors.dstny.events import told, told_groups
from integrations.vendors.dstny.wire import GONE, TERMINATED, CallState, Unreadable, convert, decode

Put = Callable[[StreamItem], Awaitable[None]]
SILENCE_S = 300.0
"""The document promises no heartbeat: a connection that says nothing for so long is made anew, and the state fetched."""
_WAITING = 1000
_AT_ONCE = 8
_LEAST_BETWEEN_GROUPS_S = 1.0
_GOES_ON_WITHIN_S = 0.5


class Seen(Struct):
    """What was passed on last of a user's call."""

    token: int | None
    is_over: bool
    correlation_id: str | None


async def multiplexed(run: Callable[[Put], Awaitable[None]]) -> AsyncIterator[StreamItem]:
    """What the tasks of `run` put, as it comes; ends as `run` does, with its error."""
    items: asyncio.Queue[StreamItem] = asyncio.Queue(maxsize=_WAITING)
    runner = asyncio.ensure_future(run(items.put))
    try:
        while True:
            following = asyncio.ensure_future(items.get())
            try:
                await asyncio.wait({following, runner}, return_when=asyncio.FIRST_COMPLETED)
                if not following.done():
                    break
                yield following.result()
            finally:
                following.cancel()
        await runner
    finally:
        runner.cancel()
        with suppress(asyncio.CancelledError, VendorError):
            await runner


class AccountStream:
    """One connection of an account: a task for each stream of the vendor's."""

    def __init__(self, client: DstnyClient, users: Iterable[str], put: Put) -> None:
        self._client = client
        self._users = list(users)
        self._put = put

    async def run(self) -> None:
        """Ends with the first stream that ends. Raises VendorError; nothing is tried again here.

        A user who is refused is left out, and named; nothing is passed on before everybody else is connected.
        """
        begin, at_once = asyncio.Event(), asyncio.Semaphore(_AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                streams = [UserStream(self._client, each, self._put, group, at_once) for each in self._users]
                for stream in streams:
                    group.create_task(stream.run(begin))
                refused = {stream.user: words for stream in streams if (words := await stream.connected)}
                if len(refused) == len(streams):
                    raise VendorRejected(next(iter(refused.values()), "There is nobody to watch."))
                watched = f"{len(streams) - len(refused)} users are watched."
                detail = " ".join([watched, *(f"Not {user}: {words}" for user, words in refused.items())])
                await self._put(Connected(gap=True, detail=detail))
                begin.set()
                for user in await self._members():
                    group.create_task(self._follow_groups(user))
        except* VendorError as errors:
            raise _first(errors) from None

    async def _members(self) -> list[str]:
        """As few users as are members of all groups: each member's stream tells of all groups of theirs."""
        chosen: list[str] = []
        covered: set[str] = set()
        for user in self._users:
            try:
                groups = await self._groups(user)
            except VendorRejected:  # without the licence or the API there are no queues to tell of
                continue
            ids = {f"{each.get('id')}@{each.get('domain')}" for each in groups}
            if not ids <= covered:
                chosen.append(user)
                covered |= ids
        return chosen

    async def _groups(self, user: str) -> list[dict[str, Any]]:
        return await self._client.read_list("groups", dict, "group", user)

    async def _follow_groups(self, user: str) -> None:
        """What comes during the pause waits, and is fetched as one."""
        try:
            async with self._client.follow("group_events", user) as events:
                async for _ in _alive(events, self._put):
                    await self._put(Received(told_groups(user, await self._groups(user))))
                    await asyncio.sleep(_LEAST_BETWEEN_GROUPS_S)
        except VendorRejected:
            return  # as in _members
        raise VendorUnavailable(f"Dstny ended the stream of the queues of {user}.")


class UserStream:
    """One user's dialogs, and their calls' states. `connected` is done with why the user was refused, or nothing."""

    def __init__(
        self, client: DstnyClient, user: str, put: Put, group: asyncio.TaskGroup, at_once: asyncio.Semaphore
    ) -> None:
        self.user = user
        self.connected: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._client = client
        self._put = put
        self._group = group
        self._at_once = at_once
        self._seen: dict[str, Seen] = {}
        self._followed: set[str] = set()
        self._turn = asyncio.Lock()

    async def run(self, begin: asyncio.Event) -> None:
        try:
            async with self._client.follow("user_events", self.user) as events:
                self.connected.set_result("")
                await begin.wait()
                await self._fetch()
                async for _ in _alive(events, self._put):
                    await self._fetch()
        except VendorRejected as error:
            if self.connected.done():
                raise
            self.connected.set_result(str(error))
        else:
            raise VendorUnavailable(f"Dstny ended the stream of {self.user}.")

    async def _fetch(self) -> None:
        """Reads the user's calls, and passes on what is new."""
        async with self._turn, self._at_once:
            raws = await self._client.read_list("user_state", dict, "calls", self.user)
            calls = {}
            for raw in raws:
                state = self._read(raw)
                calls[state.call_id] = state
                await self._tell(state, raw)
            for call_id in [each for each in self._seen if each not in calls]:
                await self._tell_end(call_id)
        for call_id, state in calls.items():
            if not state.is_over and call_id not in self._followed:
                self._followed.add(call_id)
                self._group.create_task(self._follow_call(call_id))

    def _read(self, raw: Any) -> CallState:
        try:
            return convert(raw, CallState)
        except Unreadable as error:
            raise VendorRejected(f"Dstny shows a call of {self.user} that can't be read: {error}") from error

    async def _tell(self, state: CallState, raw: Any) -> None:
        seen = self._seen.get(state.call_id)
        if seen is not None and (seen.is_over or (seen.token is not None and seen.token == state.state_token)):
            return
        self._seen[state.call_id] = Seen(state.state_token, state.is_over, state.correlation_id)
        if may_go_on(state):
            self._group.create_task(self._tell_gone(raw))
        else:
            await self._put(Received(told(self.user, raw)))

    async def _tell_end(self, call_id: str) -> None:
        """Of a call that is in the user's state no more: as the vendor tells it, if it still does."""
        seen = self._seen[call_id]
        if not seen.is_over:
            raw: dict[str, Any] = {"callId": call_id, "status": TERMINATED, "correlationId": seen.correlation_id}
            with suppress(VendorRejected):
                raw = await self._client.read("call_state", dict, self.user, call=call_id)
            await self._tell(self._read(raw), raw)
            self._seen[call_id].is_over = True
        if call_id not in self._followed:
            del self._seen[call_id]

    async def _tell_gone(self, raw: Mapping[str, Any]) -> None:
        """Once whoever may go on with the conversation has been shown."""
        await asyncio.sleep(_GOES_ON_WITHIN_S)
        await self._put(Received(told(self.user, {**raw, "status": GONE})))

    async def _follow_call(self, call_id: str) -> None:
        """Until it ends. A call that can't be followed is told of by its user's dialogs alone."""
        was_followed = False
        with suppress(VendorRejected):
            async with self._client.follow("call_events", self.user, call=call_id) as events:
                async for data in _alive(events, self._put):
                    await self._take(call_id, data)
                    was_followed = True
        if was_followed:
            self._followed.discard(call_id)
            await self._fetch()

    async def _take(self, call_id: str, data: str) -> None:
        """A state, or its token alone; what is neither is passed on as it is, for everybody to see."""
        try:
            raw = decode(data.encode())
            if isinstance(raw, Mapping) and "callId" not in raw and "stateToken" in raw:
                raw = await self._client.read("call_state", dict, self.user, call=call_id)
            state = convert(raw, CallState)
        except Unreadable:
            await self._put(Received(told(self.user, data)))
            return
        async with self._turn:
            await self._tell(state, raw)


async def _alive(events: EventSource, put: Put) -> AsyncIterator[str]:
    """The data of each event; comments are signs of life. Raises VendorUnavailable after a long silence."""
    items = aiter(events)
    while True:
        try:
            async with asyncio.timeout(SILENCE_S) as patience:
                item = await anext(items, None)
        except TimeoutError as error:
            if not patience.expired():
                raise
            raise VendorUnavailable(f"Dstny said nothing for {SILENCE_S:.0f} s.") from error
        if item is None:
            return
        if isinstance(item, SseComment):
            await put(Alive())
        else:
            yield item.data


def _first(errors: BaseExceptionGroup[VendorError]) -> VendorError:
    """Of errors that came at once the one that only a person can mend, or any."""
    flat = [_first(each) if isinstance(each, BaseExceptionGroup) else each for each in errors.exceptions]
    return next((each for each in flat if isinstance(each, AuthorizationLost)), flat[0])
