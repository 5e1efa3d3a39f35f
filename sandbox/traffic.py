"""Calls that play themselves: a busy day for people to watch, and a burst for measuring."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass

from sandbox.engine.directory import Extension, Party
from sandbox.engine.errors import EngineError
from sandbox.engine.model import Call, LegState
from sandbox.engine.switch import Switch

_CALLERS = ("Jan Jansen", "Fatima El Idrissi", "Pieter de Groot", "", "Sanne Kuipers", "Ömer Şahin", "Zoë Maas")
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

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.progress = Progress()
        self._tasks: set[asyncio.Task[None]] = set()
        self._dice = random.Random(_SEED)
        self._mine: set[str | None] = set()

    async def busy_day(self, calls_per_minute: float, seconds: float, pace: float = 1.0) -> None:
        """Starts a mixed stream of calls: answered, missed, transferred, held, recorded, to one phone and to ring groups.

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
        calls = self.switch.company.calls
        for call in list(calls.values()):
            if call.id in calls and not self._mine.isdisjoint((call.id, call.consultation_for)):
                self.switch.calls.end(call)
        self._mine.clear()

    def reset(self) -> None:
        self.progress = Progress()
        self._dice.seed(_SEED)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _play_day(self, planned: int, gap: float, pace: float) -> None:
        scripts = [self._talk, self._missed, self._held, self._blind, self._recorded, self._attended, self._outbound]
        async with asyncio.TaskGroup() as group:
            for number in range(planned):
                self.progress.started += 1
                group.create_task(self._play(scripts[number % len(scripts)], pace))
                await asyncio.sleep(gap)
        self.progress.running = False

    async def _play(self, script: Callable[[float], Coroutine[None, None, None]], pace: float) -> None:
        """Somebody at the console may hang up in the middle of a script: then it just ends."""
        with suppress(EngineError):
            await script(pace)

    async def _talk(self, pace: float) -> None:
        call = await self._answered(pace)
        await self._wait(8, 30, pace)
        self._customer_leaves(call)

    async def _missed(self, pace: float) -> None:
        call = self._ring_in()
        await self._wait(6, 15, pace)
        self._customer_leaves(call)

    async def _held(self, pace: float) -> None:
        call = await self._answered(pace)
        await self._wait(4, 10, pace)
        self.switch.calls.hold(call, self.switch.calls.agent_leg(call))
        await self._wait(4, 12, pace)
        self.switch.calls.resume(call)
        await self._wait(4, 12, pace)
        self.switch.calls.end(call)

    async def _recorded(self, pace: float) -> None:
        call = await self._answered(pace)
        self.switch.recordings.start(call)
        await self._wait(8, 25, pace)
        self.switch.recordings.stop(call)
        self._customer_leaves(call)

    async def _blind(self, pace: float) -> None:
        call = await self._answered(pace)
        await self._wait(4, 10, pace)
        self.switch.transfers.transfer(call, self.switch.calls.agent_leg(call), self._colleague(call))
        await self._wait(2, 6, pace)
        self._pick_up(call)
        await self._wait(6, 20, pace)
        self._customer_leaves(call)

    async def _attended(self, pace: float) -> None:
        call = await self._answered(pace)
        consultation = self.switch.transfers.consult(call, self.switch.calls.agent_leg(call), self._colleague(call))
        await self._wait(2, 6, pace)
        self._pick_up(consultation)
        await self._wait(3, 8, pace)
        self.switch.transfers.complete(call)
        await self._wait(6, 20, pace)
        self._customer_leaves(call)

    async def _outbound(self, pace: float) -> None:
        call = self._dial(self.switch.company.party_of(self._dice.choice(self._users())), self._customer())
        await self._wait(3, 8, pace)
        if call.state is LegState.ALERTING:  # a customer who answers by themselves was faster
            self.switch.calls.answer(call, self.switch.calls.leg(call, None))
        await self._wait(6, 20, pace)
        self.switch.calls.end(call)

    async def _answered(self, pace: float) -> Call:
        call = self._ring_in()
        await self._wait(2, 8, pace)
        self._pick_up(call)
        return call

    async def _wait(self, least: float, most: float, pace: float) -> None:
        await asyncio.sleep(self._dice.uniform(least, most) * pace)

    def _ring_in(self) -> Call:
        plans = [each for each in self.switch.company.extensions.values() if each.external_number]
        number = self._dice.choice(plans).external_number or ""
        return self._dial(self._customer(), self.switch.company.party(number))

    def _dial(self, caller: Party, callee: Party) -> Call:
        call = self.switch.calls.dial(caller, callee)
        self._mine.add(call.id)
        return call

    def _customer(self) -> Party:
        return Party(number=f"316{self._dice.randrange(10**7, 10**8)}", name=self._dice.choice(_CALLERS))

    def _customer_leaves(self, call: Call) -> None:
        self.switch.calls.hangup(call, self.switch.calls.leg(call, None))

    def _pick_up(self, call: Call) -> None:
        ringing = [leg for leg in call.live if leg.state is LegState.ALERTING]
        if ringing:
            self.switch.calls.answer(call, self._dice.choice(ringing))

    def _colleague(self, call: Call) -> Party:
        busy = {leg.party.extension_id for leg in call.live}
        return self.switch.company.party_of(self._dice.choice([each for each in self._users() if each.id not in busy]))

    def _users(self) -> list[Extension]:
        return [each for each in self.switch.company.extensions.values() if each.is_user]

    async def _play_burst(self, calls: int, events_per_second: float) -> None:
        """In waves of calls that live at the same time. Open loop: events are due whether the receiver keeps up or not."""
        pace = _Pace(events_per_second)
        for first in range(0, calls, _WAVE):
            wave: list[Call] = []
            for number in range(first, min(first + _WAVE, calls)):
                await pace.wait(2)  # created and ringing
                wave.append(self._burst_call(number))
            for act in (self._pick_up, self.switch.calls.end):
                for call in wave:
                    await pace.wait(1)
                    with suppress(EngineError):  # somebody at the console was faster
                        act(call)
        self.progress.running = False

    def _burst_call(self, number: int) -> Call:
        users = self._users()
        caller = Party(number=f"316{number % 10**8:08}", name=f"Burst {number}")
        self.progress.started += 1
        return self._dial(caller, self.switch.company.party_of(users[number % len(users)]))


class _Pace:
    """Lets so many events pass each second, catching up when something was slow."""

    def __init__(self, events_per_second: float) -> None:
        self._gap = 1 / events_per_second
        self._due = asyncio.get_running_loop().time()

    async def wait(self, events: int) -> None:
        """Returns when these events are due."""
        await asyncio.sleep(max(0.0, self._due - asyncio.get_running_loop().time()))
        self._due += events * self._gap
