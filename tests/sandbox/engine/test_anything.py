"""Whatever people do, in whatever order: they are told what can't be, nothing breaks, and nothing is left behind."""

import random
from collections import Counter
from collections.abc import Callable

import pytest

from sandbox.engine.directory import VOICEMAIL, Party
from sandbox.engine.errors import EngineError
from sandbox.engine.events import EngineEvent, Kind, TransferMode
from sandbox.engine.model import Call, Leg, LegState, SupervisionMode
from tests.sandbox.engine.office import Office

STEPS = 800
NUMBERS = ("101", "102", "103", "104", "200", "300")
USERS = NUMBERS[:4]


class Crowd:
    """People who press whatever button there is."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office = office
        self.dice = random.Random(seed)
        self.done: Counter[str] = Counter()
        office.company.reactions[:] = [unfailing(each) for each in office.company.reactions]

    def act(self) -> None:
        """Something, somewhere; what is refused changes nothing that matters here."""
        name = self.dice.choice(list(ACTIONS))
        try:
            ACTIONS[name](self)
        except (EngineError, IndexError):  # nothing to choose from is no error
            return
        self.done[name] += 1

    def call(self) -> Call:
        return self.dice.choice(list(self.office.company.calls.values()))

    def leg(self, call: Call) -> Leg:
        """Seldom one that has ended."""
        return self.dice.choice(call.legs if self.dice.random() < 0.1 else call.live)

    def target(self) -> Party:
        return self.office.party(self.dice.choice(NUMBERS))

    def user(self) -> str:
        return self.dice.choice(USERS)

    def customer(self) -> Party:
        return Party(number=f"3161{self.dice.randrange(10**7):07}")


def unfailing(reaction: Callable[[EngineEvent], None]) -> Callable[[EngineEvent], None]:
    """What follows by itself from something that was allowed is never refused."""

    def react(event: EngineEvent) -> None:
        try:
            reaction(event)
        except EngineError as error:
            raise AssertionError(f"after {event.kind}") from error

    return react


def pass_time(crowd: Crowd) -> None:
    try:
        crowd.office.clock.pass_(crowd.dice.choice([1, 2, 5, 20]))
    except EngineError as error:
        raise AssertionError("something that was due was refused") from error


def on_leg(act: Callable[[Crowd, Call, Leg], object]) -> Callable[[Crowd], object]:
    def choose(crowd: Crowd) -> object:
        call = crowd.call()
        return act(crowd, call, crowd.leg(call))

    return choose


def set_line(crowd: Crowd) -> None:
    divert = crowd.dice.choice([None] * 8 + [VOICEMAIL, crowd.user()])
    values = {"divert_always": divert, "dnd": crowd.dice.random() < 0.1, "voicemail": crowd.dice.random() < 0.5}
    crowd.office.switch.lines.change(crowd.office.line(crowd.user()), **values)


def agent(crowd: Crowd) -> None:
    queues, queue, line = crowd.office.switch.queues, crowd.office.line("300"), crowd.office.line(crowd.user())
    crowd.dice.choice([queues.log_in, queues.log_in, queues.log_out, queues.pause, queues.resume])(queue, line)


def come_and_go(crowd: Crowd) -> None:
    line = crowd.office.line(crowd.user())
    crowd.office.switch.administration.remove(line)
    check(crowd.office)
    crowd.office.switch.administration.add(line)


ACTIONS: dict[str, Callable[[Crowd], object]] = {
    "ring in": lambda crowd: crowd.office.switch.calls.dial(crowd.customer(), crowd.target()),
    "dial": lambda crowd: crowd.office.switch.calls.dial(
        crowd.target(), crowd.target(), pickup=crowd.dice.random() < 0.8
    ),
    "dial out": lambda crowd: crowd.office.switch.calls.dial(crowd.target(), crowd.customer()),
    "answer": on_leg(lambda crowd, call, leg: crowd.office.switch.calls.answer(call, leg)),
    "answer again": on_leg(lambda crowd, call, leg: crowd.office.switch.calls.answer(call, leg)),
    "answer once more": on_leg(lambda crowd, call, leg: crowd.office.switch.calls.answer(call, leg)),
    "reject": on_leg(lambda crowd, call, leg: crowd.office.switch.calls.reject(call, leg)),
    "hang up": on_leg(lambda crowd, call, leg: crowd.office.switch.calls.hangup(call, leg)),
    "hold": on_leg(lambda crowd, call, leg: crowd.office.switch.calls.hold(call, leg)),
    "resume": on_leg(lambda crowd, call, leg: crowd.office.switch.calls.resume(call, leg)),
    "forward": on_leg(lambda crowd, call, leg: crowd.office.switch.calls.forward(call, leg, crowd.target())),
    "pick up": lambda crowd: crowd.office.switch.calls.pick_up(crowd.call(), crowd.office.line(crowd.user())),
    "transfer": on_leg(
        lambda crowd, call, leg: crowd.office.switch.transfers.transfer(
            call, leg, crowd.target(), crowd.dice.choice(list(TransferMode))
        )
    ),
    "consult": on_leg(lambda crowd, call, leg: crowd.office.switch.transfers.consult(call, leg, crowd.target())),
    "complete": lambda crowd: crowd.office.switch.transfers.complete(crowd.call()),
    "cancel": lambda crowd: crowd.office.switch.transfers.cancel(crowd.call()),
    "to call": on_leg(
        lambda crowd, call, leg: crowd.office.switch.transfers.to_call(call, leg, crowd.call(), wait=True)
    ),
    "swap": lambda crowd: crowd.office.switch.transfers.swap(crowd.call(), crowd.call(), crowd.user()),
    "conference": lambda crowd: crowd.office.switch.conferences.join(crowd.call(), crowd.call(), crowd.user()),
    "bring in": on_leg(lambda crowd, call, leg: crowd.office.switch.conferences.bring_in(crowd.call(), call, leg)),
    "remove": on_leg(lambda crowd, call, leg: crowd.office.switch.conferences.remove(call, leg)),
    "park": on_leg(lambda crowd, call, leg: crowd.office.switch.parked.park(call, leg)),
    "retrieve": lambda crowd: crowd.office.switch.parked.retrieve(
        crowd.dice.choice(list(crowd.office.switch.parked.slots)), crowd.office.line(crowd.user())
    ),
    "send": lambda crowd: crowd.office.switch.parked.send(
        crowd.dice.choice(list(crowd.office.switch.parked.slots)), crowd.target()
    ),
    "come and go": lambda crowd: come_and_go(crowd) if crowd.dice.random() < 0.1 else None,
    "supervise": on_leg(
        lambda crowd, call, leg: crowd.office.switch.supervisions.start(
            call, leg, crowd.office.line(crowd.user()), SupervisionMode.WHISPER, auto_answer=crowd.dice.random() < 0.5
        )
    ),
    "record": lambda crowd: crowd.office.switch.recordings.start(crowd.call()),
    "stop recording": lambda crowd: crowd.office.switch.recordings.stop(crowd.call()),
    "voicemail": on_leg(lambda crowd, call, leg: crowd.office.switch.voicemail.deposit(call, leg.party, leg.role)),
    "line": set_line,
    "agent": agent,
    "time passes": pass_time,
}


def check(office: Office) -> None:
    """What is always true."""
    calls = office.company.calls
    assert all(call.ended_at is None and call.participants for call in calls.values())
    for call in calls.values():
        parked = bool(call.in_state(LegState.PARKED))
        assert parked == (call.parking is not None), call
        assert len({leg.id for leg in call.legs}) == len(call.legs)
    queue = office.company.queue("queue")
    waiting = {
        call.id
        for call in calls.values()
        for leg in call.in_state(LegState.QUEUED)
        if leg.party.extension and leg.party.extension.queue
    }
    assert set(queue.waiting) == waiting
    assert len(queue.waiting) == len(waiting)


@pytest.mark.parametrize("seed", range(15))
def test_whatever_people_do(office: Office, seed: int) -> None:
    crowd = Crowd(office, seed)
    for _ in range(STEPS):
        crowd.act()
        check(office)
    for call in list(office.company.calls.values()):
        if call.ended_at is None:
            office.switch.calls.end(call)
    office.clock.pass_(10_000)
    assert (office.company.calls, office.company.queue("queue").waiting, office.switch.parked.slots) == ({}, [], {})
    ended = Counter(event.call.id for event in office.events if event.kind is Kind.ENDED)
    created = Counter(event.call.id for event in office.events if event.kind is Kind.CREATED)
    assert ended == created
    assert len(crowd.done) > 20
