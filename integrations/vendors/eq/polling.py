"""One poller an account: asks, compares with what it knew, and tells what has changed. When it asks is `Pace`'s business."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from common.times import utc_now
from integrations.contract.asking import ask_each
from integrations.contract.commands import LiveCall, Snapshot
from integrations.contract.errors import VendorRejected, VendorUnavailable
from integrations.contract.polling import Pace, interval_s
from integrations.contract.streams import Alive, Connected, Received, StreamItem
from integrations.vendors.eq.agents import agent_row, extensions_of, queue_row, seats
from integrations.vendors.eq.base import EqBase
from integrations.vendors.eq.client import EqClient, readable
from integrations.vendors.eq.diff import Changes, Picture, Seen, differences, together
from integrations.vendors.eq.events import told
from integrations.vendors.eq.rows import Kind, Row, line_rows, parked_row, queued_row
from integrations.vendors.eq.wire import Record

QUIET_TIMES = 2
"""A call is first seen when it is asked for: long pauses would let phones ring twice before anybody knows."""
SETTLE_S = 0.3
"""What is missing for the first time is looked for once more after so long."""
MOST_FAILURES = 2
"""Polls in a row that may fail before the poller gives up: what it remembers is worth more than a moment's alarm."""
_LOOKS = 3
_NOT_FOUND = 404
_LISTS = ("queued_calls", "parked_calls", "call_queue_statistics", "call_queue_agent_status")


class Polling(EqBase):
    """The account's stream, and its snapshot."""

    def wants_stream(self) -> bool:
        return True

    async def stream(self) -> AsyncIterator[StreamItem]:
        """A poll that fails, now and then, changes nothing of what is known."""
        camera, pace, seen = self._camera(), Pace(interval_s(self.account), quiet_times=QUIET_TIMES), Seen()
        failures = 0
        async for _ in pace:
            try:
                for _ in range(_LOOKS):
                    at, picture = await camera.take(seen.rows.values())
                    if not camera.has_begun:
                        camera.has_begun = True
                        yield Connected(gap=True, warning=camera.warning)
                    changes, seen = differences(seen, picture)
                    if changes:
                        yield Received(told(at, changes))
                    if not seen.missing:
                        break
                    await asyncio.sleep(SETTLE_S)
                await self._sessions.keep_alive(utc_now(), may_be_more=camera.saw_agents)
            except (VendorUnavailable, VendorRejected) as error:
                failures += 1
                if not camera.has_begun or failures > MOST_FAILURES:
                    raise
                if isinstance(error, VendorUnavailable) and error.retry_after is not None:
                    pace.heed(error)
            else:
                failures = 0
                yield Alive()
            pace.busy = bool(seen.rows)

    async def snapshot(self) -> Snapshot:
        """Of all calls; a row of each place that one is seen at."""
        at = utc_now()
        _, picture = await self._camera().take(())
        return Snapshot(
            tuple(LiveCall(change.row.key, told(at, Changes(rows=(change,)))) for change in together(picture.rows))
        )

    def _camera(self) -> "Camera":
        return Camera(self._client, self._extensions, self.account.settings.get("agents", {}))


class Camera:
    """Takes pictures of all that EQ shows, for as long as a stream lasts."""

    def __init__(
        self,
        client: EqClient,
        extensions: Iterable[str],
        agents: Mapping[str, Any],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.has_begun = False
        self.saw_agents = False
        self._client = client
        self._extensions = tuple(extensions)
        self._agents = agents
        self._clock = clock
        self._last: datetime | None = None
        self._worked: set[str] = set()
        self._refusals: dict[str, str] = {}
        """What hasn't been answered yet, and why: a path that this server doesn't have, an extension that doesn't exist."""

    @property
    def warning(self) -> str:
        """For an admin: what isn't told."""
        if not self._extensions and not self.saw_agents:
            return "No extensions are named in the settings and no agents are signed in, so that no calls can be seen."
        return " ".join(f"Not told: {name} ({words})" for name, words in self._refusals.items())

    async def take(self, known: Iterable[Row]) -> tuple[datetime, Picture]:
        """Everything, at a time that is later than the last; `known` rows' extensions are looked at in any case.

        Raises VendorError where anything of it fails: half a picture is none.
        """
        sessions = await self._list("active_agent_sessions")
        self.saw_agents = bool(sessions)
        talking = (row.place for row in known if row.kind is Kind.LINE)
        watched = {*self._extensions, *extensions_of(sessions), *talking}
        lists = dict(zip(_LISTS, await ask_each(_LISTS, self._list), strict=True))
        lines = await ask_each(sorted(watched), self._line_rows)
        with readable():
            picture = self._picture(sessions, lists, lines)
        return self._now(len(picture.rows)), picture

    def _picture(self, sessions: list[Record], lists: Mapping[str, list[Record]], lines: list[list[Row]]) -> Picture:
        queued = (queued_row(record) for record in lists["queued_calls"])
        parked = (parked_row(record) for record in lists["parked_calls"])
        statuses = lists["call_queue_agent_status"]
        sit_at = seats(sessions, statuses, self._extensions, self._agents)
        return Picture(
            rows=(*queued, *parked, *(row for rows in lines for row in rows)),
            agents=tuple(agent_row(record, sit_at) for record in statuses),
            queues=tuple(queue_row(record) for record in lists["call_queue_statistics"]),
        )

    async def _list(self, name: str) -> list[Record]:
        """Paths are inferred: one that the server doesn't have hides what it would tell alone."""
        return await self._unless_missing(name, self._client.rows(name), lambda error: error.status == _NOT_FOUND)

    async def _line_rows(self, extension: str) -> list[Row]:
        """Extensions are typed: so is one that doesn't exist."""
        asked = self._client.rows("active_calls", {"extension": extension})
        records = await self._unless_missing(extension, asked, lambda error: "extension" in error.errors)
        with readable():
            return line_rows(records, extension)

    async def _unless_missing(
        self, what: str, asked: Awaitable[list[Record]], is_missing: Callable[[VendorRejected], bool]
    ) -> list[Record]:
        """Empty where it has never been there. What was there once can't be missing: that is a failure like others."""
        try:
            rows = await asked
        except VendorRejected as error:
            if what in self._worked or not is_missing(error):
                raise
            self._refusals[what] = str(error)
            return []
        self._worked.add(what)
        return rows

    def _now(self, rows: int) -> datetime:
        """Of the picture; each of its rows is told of a microsecond later than the one before."""
        at = self._clock() if self._last is None else max(self._clock(), self._last)
        self._last = at + timedelta(microseconds=2 * rows + 1)
        return at
