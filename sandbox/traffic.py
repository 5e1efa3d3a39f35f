"""Calls that play themselves: a busy day for people to watch, and a burst for measuring."""

import asyncio
import random
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass

from sandbox.engine.directory import Party
from sandbox.engine.errors import EngineError
from sandbox.engine.model import Call, LegState
from sandbox.engine.switch import Switch
from sandbox.faces.face import Feature
from sandbox.scripts import ALWAYS, WITH_FEATURE, Script

_WAVE = 20
_SEED = 7


@dataclass(slots=True)
class Progress:
    """What is being played, for the console."""

    kind: str = ""
    planned: int = 0
    started: int = 0
    running: bool = False


class Traffic:
    """At most one run at a time for a company; a new one replaces the old. The dice are seeded: runs resemble each other."""

    def __init__(self, switch: Switch, features: frozenset[Feature]) -> None:
        self.switch = switch
        self.progress = Progress()
        self._scripts = [*ALWAYS, *(script for feature, script in WITH_FEATURE.items() if feature in features)]
        self._tasks: set[asyncio.Task[None]] = set()
        self._dice = random.Random(_SEED)
        self._burst: list[Call] = []

    async def busy_day(self, calls_per_minute: float, seconds: float, pace: float = 1.0) -> None:
        """Starts a mixed stream of calls: answered, missed, transferred, held, recorded, to one phone and to ring groups.

        Those that the vendor's API can show are also queued, parked, joined to conferences, and left in voicemail boxes.
        `pace` stretches (above 1) or shortens how long people take; tests use a tiny one.
        """
        await self.stop()
        planned = max(1, int(calls_per_minute * seconds / 60))
        self.progress = Progress("busy day", planned, running=True)
        self._start(self._play_day(planned, 60 / calls_per_minute, pace))

    async def burst(self, calls: int, events_per_second: float) -> None:
        """Starts so many identical inbound calls (created, ringing, answered, terminated) at an even pace of events."""
        await self.stop()
        self.progress = Progress("burst", calls, running=True)
        self._start(self._play_burst(calls, events_per_second))

    async def stop(self) -> None:
        """Stops what is played, and hangs up what it left behind."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.progress.running = False
        for call in self._burst:
            if call.ended_at is None:
                self.switch.calls.end(call)
        self._burst.clear()

    def reset(self) -> None:
        self.progress = Progress()
        self._dice.seed(_SEED)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _play_day(self, planned: int, gap: float, pace: float) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(planned):
                self.progress.started += 1
                script = Script(self.switch, self._dice, pace)
                group.create_task(script.play(self._scripts[number % len(self._scripts)]))
                await asyncio.sleep(gap)
        self.progress.running = False

    async def _play_burst(self, calls: int, events_per_second: float) -> None:
        """In waves of calls that live at the same time. Open loop: events are due whether the receiver keeps up or not."""
        pace = _Pace(events_per_second)
        for first in range(0, calls, _WAVE):
            self._burst.clear()
            for number in range(first, min(first + _WAVE, calls)):
                await pace.wait(2)  # created and ringing
                self._burst.append(self._burst_call(number))
            for act in (self._pick_up, self.switch.calls.end):
                for call in self._burst:
                    await pace.wait(1)
                    with suppress(EngineError):  # somebody at the console was faster
                        act(call)
        self.progress.running = False

    def _burst_call(self, number: int) -> Call:
        users = [each for each in self.switch.company.extensions.values() if each.is_user]
        caller = Party(number=f"316{number % 10**8:08}", name=f"Burst {number}")
        self.progress.started += 1
        callee = self.switch.company.party_of(users[number % len(users)])
        return self.switch.calls.dial(caller, callee)

    def _pick_up(self, call: Call) -> None:
        for leg in call.in_state(LegState.ALERTING):
            self.switch.calls.answer(call, leg)


class _Pace:
    """Lets so many events pass each second, catching up when something was slow."""

    def __init__(self, events_per_second: float) -> None:
        self._gap = 1 / events_per_second
        self._due = asyncio.get_running_loop().time()

    async def wait(self, events: int) -> None:
        """Returns when these events are due."""
        await asyncio.sleep(max(0.0, self._due - asyncio.get_running_loop().time()))
        self._due += events * self._gap
