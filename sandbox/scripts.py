"""What people do during one call of a busy day. Each script is a coroutine method of `Script`."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress

from sandbox.engine.directory import Extension, Party
from sandbox.engine.errors import EngineError, WrongState
from sandbox.engine.model import Call, Leg, LegState
from sandbox.engine.switch import Switch
from sandbox.faces.face import Feature

_CALLERS = ("Jan Jansen", "Fatima El Idrissi", "Pieter de Groot", "", "Sanne Kuipers", "Ömer Şahin", "Zoë Maas")


class Script:
    """One call and the people on it. `pace` stretches (above 1) or shortens how long they take."""

    def __init__(self, switch: Switch, dice: random.Random, pace: float) -> None:
        self.switch = switch
        self.calls: list[Call] = []
        self._dice = dice
        self._pace = pace

    async def play(self, act: Callable[["Script"], Coroutine[None, None, None]]) -> None:
        """Somebody at the console may hang up in the middle: then it just ends. Nothing is left on the line afterwards."""
        try:
            with suppress(EngineError):
                await act(self)
        finally:
            self.clean_up()

    def clean_up(self) -> None:
        """Ends what this script began."""
        for call in self.calls:
            if call.ended_at is None:
                self.switch.calls.end(call)

    async def talk(self) -> None:
        call = await self._answered()
        await self._wait(8, 30)
        self._customer_leaves(call)

    async def missed(self) -> None:
        call = self._ring_in()
        await self._wait(6, 15)
        self._customer_leaves(call)

    async def held(self) -> None:
        call = await self._answered()
        await self._wait(4, 10)
        leg = self.switch.calls.agent_leg(call)
        self.switch.calls.hold(call, leg)
        await self._wait(4, 12)
        self.switch.calls.resume(call, leg)
        await self._wait(4, 12)
        self.switch.calls.end(call)

    async def recorded(self) -> None:
        call = await self._answered()
        self.switch.recordings.start(call)
        await self._wait(8, 25)
        self.switch.recordings.stop(call)
        self._customer_leaves(call)

    async def blind(self) -> None:
        call = await self._answered()
        await self._wait(4, 10)
        self.switch.transfers.transfer(call, self.switch.calls.agent_leg(call), self._colleague(call))
        await self._wait(2, 6)
        self._pick_up(call)
        await self._wait(6, 20)
        self._customer_leaves(call)

    async def attended(self) -> None:
        call = await self._answered()
        await self._consult(call)
        await self._wait(3, 8)
        self.switch.transfers.complete(call)
        await self._wait(6, 20)
        self._customer_leaves(call)

    async def outbound(self) -> None:
        company = self.switch.company
        call = self._dial(company.party_of(self._dice.choice(self._users())), self._customer())
        await self._wait(3, 8)
        if call.state is LegState.ALERTING:  # a customer who answers by themselves was faster
            self.switch.calls.answer(call, self.switch.calls.leg(call, None))
        await self._wait(6, 20)
        self.switch.calls.end(call)

    async def queued(self) -> None:
        """Waits until an agent is free, not always patiently."""
        queues = [each for each in self.switch.company.extensions.values() if each.queue]
        call = self._dial(self._customer(), self.switch.company.party_of(self._dice.choice(queues)))
        for _ in range(self._dice.randrange(3, 12)):
            await self._wait(2, 4)
            if call.in_state(LegState.ALERTING):
                self._pick_up(call)
                await self._wait(8, 25)
                break
        self._customer_leaves(call)

    async def voicemail(self) -> None:
        """Nobody answers; the caller speaks to the box."""
        call = self._ring_in()
        await self._wait(4, 8)
        ringing = self._ringing(call)
        self.switch.voicemail.deposit(call, ringing.party, ringing.role)
        await self._wait(5, 15)
        self._customer_leaves(call)

    async def parked(self) -> None:
        """A colleague fetches the call out of its slot."""
        call = await self._answered()
        await self._wait(3, 8)
        slot = self.switch.parked.park(call, self.switch.calls.agent_leg(call))
        colleague = self._colleague(call).extension
        await self._wait(4, 12)
        if colleague is not None:
            self.switch.parked.retrieve(slot, colleague)
        await self._wait(6, 15)
        self._customer_leaves(call)

    async def conference(self) -> None:
        """A colleague is asked, and stays on the line."""
        call = await self._answered()
        leg = self.switch.calls.agent_leg(call)
        consultation = await self._consult(call)
        await self._wait(3, 8)
        self.switch.conferences.join(call, consultation, leg.party.extension_id or "")
        await self._wait(6, 15)
        self.switch.calls.hangup(call, leg)
        await self._wait(3, 8)
        self._customer_leaves(call)

    async def muted(self) -> None:
        call = await self._answered()
        leg = self.switch.calls.agent_leg(call)
        self.switch.calls.mute(call, leg, on=True)
        await self._wait(3, 6)
        self.switch.calls.mute(call, leg, on=False)
        await self._wait(3, 6)
        self._customer_leaves(call)

    async def _answered(self) -> Call:
        call = self._ring_in()
        await self._wait(2, 8)
        self._pick_up(call)
        return call

    async def _consult(self, call: Call) -> Call:
        leg = self.switch.calls.agent_leg(call)
        consultation = self.switch.transfers.consult(call, leg, self._colleague(call))
        self.calls.append(consultation)
        await self._wait(2, 6)
        self._pick_up(consultation)
        return consultation

    async def _wait(self, least: float, most: float) -> None:
        await asyncio.sleep(self._dice.uniform(least, most) * self._pace)

    def _ring_in(self) -> Call:
        """Somebody calls a ring group, or a user's own number."""
        company = self.switch.company
        lines = [each for each in company.extensions.values() if each.external_number and not each.queue]
        return self._dial(self._customer(), company.party(self._dice.choice(lines).external_number or ""))

    def _dial(self, caller: Party, callee: Party) -> Call:
        call = self.switch.calls.dial(caller, callee)
        self.calls.append(call)
        return call

    def _customer(self) -> Party:
        return Party(number=f"316{self._dice.randrange(10**7, 10**8)}", name=self._dice.choice(_CALLERS))

    def _customer_leaves(self, call: Call) -> None:
        self.switch.calls.hangup(call, self.switch.calls.leg(call, None))

    def _pick_up(self, call: Call) -> None:
        self.switch.calls.answer(call, self._ringing(call))

    def _ringing(self, call: Call) -> Leg:
        """Any phone that rings. Raises WrongState when none does."""
        ringing = call.in_state(LegState.ALERTING)
        if not ringing:
            raise WrongState("No phone rings")
        return self._dice.choice(ringing)

    def _colleague(self, call: Call) -> Party:
        busy = {leg.party.extension_id for leg in call.live}
        return self.switch.company.party_of(self._dice.choice([each for each in self._users() if each.id not in busy]))

    def _users(self) -> list[Extension]:
        return [each for each in self.switch.company.extensions.values() if each.is_user]


ALWAYS = (Script.talk, Script.missed, Script.held, Script.blind, Script.recorded, Script.attended, Script.outbound)
WITH_FEATURE = {
    Feature.QUEUES: Script.queued,
    Feature.VOICEMAIL: Script.voicemail,
    Feature.PARKING: Script.parked,
    Feature.CONFERENCES: Script.conference,
    Feature.MUTING: Script.muted,
}
