"""One PBX: its directory, its calls, what it keeps, and those who listen to it."""

import asyncio
import itertools
import re
import time
import uuid
from collections import deque
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field

from sandbox.engine.directory import Device, Extension, Party, Queue, User
from sandbox.engine.errors import NotDialable, UnknownDevice, UnknownExtension
from sandbox.engine.events import EngineEvent, LineEvent
from sandbox.engine.model import Call, live_legs
from sandbox.engine.stored import Contact, LogEntry, Message, Recording, VoiceMessage

ENDED_KEPT = 200
LOG_KEPT = 5000
_DIALLED = re.compile(r"\+?\d{3,15}", re.ASCII)
_NATIONAL = re.compile(r"0[1-9]\d{8}", re.ASCII)
_SHORTEST_EXTERNAL = 7


@dataclass(slots=True)
class Behaviour:
    """How people and phones of this company behave; changeable while it runs.

    `auto_pickup`: the phone of somebody who calls through the API goes off-hook by itself, else it waits to be answered.
    `customer_answers_after_s`: somebody outside answers by themselves, else by a click. `ring_timeout_s`: then nobody answered.
    `park_timeout_s`: then a parked call rings whoever parked it, and one that camps on a busy line whoever transferred it.
    `voicemail_max_s`: the longest message.
    """

    auto_pickup: bool = True
    customer_answers_after_s: float | None = None
    ring_timeout_s: float = 60.0
    park_timeout_s: float = 120.0
    voicemail_max_s: float = 120.0


def on_event_loop(seconds: float, act: Callable[[], None]) -> None:
    """Does it later, on the event loop that runs now."""
    asyncio.get_running_loop().call_later(seconds, act)


@dataclass(slots=True)
class Company:
    """Directory, calls, and what is stored. `tenant`: the customer whom the PBX belongs to; one may have several.

    `make_call_id` is the face's: vendors have shapes of their own.

    `listeners` and `line_listeners` are told of everything at once; then come `reactions`, by which features follow calls:
    so nobody hears of a consequence before its cause. `now` and `call_later` are the clock.
    """

    slug: str
    name: str
    extensions: dict[str, Extension]
    users: tuple[User, ...]
    tenant: str = ""
    orbits: tuple[str, ...] = ("801", "802", "803", "804")
    behaviour: Behaviour = field(default_factory=Behaviour)
    calls: dict[str, Call] = field(default_factory=dict)
    ended: deque[Call] = field(default_factory=lambda: deque(maxlen=ENDED_KEPT))
    log: deque[LogEntry] = field(default_factory=lambda: deque(maxlen=LOG_KEPT))
    recordings: dict[str, Recording] = field(default_factory=dict)
    voicemail: dict[str, VoiceMessage] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    contacts: dict[str, Contact] = field(default_factory=dict)
    listeners: list[Callable[[EngineEvent], None]] = field(default_factory=list)
    line_listeners: list[Callable[[LineEvent], None]] = field(default_factory=list)
    reactions: list[Callable[[EngineEvent], None]] = field(default_factory=list)
    make_call_id: Callable[[], str] = field(default=lambda: uuid.uuid4().hex)
    now: Callable[[], float] = time.time
    call_later: Callable[[float, Callable[[], None]], None] = on_event_loop
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _resets: int = 0
    _initial: tuple[dict[str, Extension], dict[str, Contact]] = field(init=False)

    def __post_init__(self) -> None:
        self._initial = deepcopy((self.extensions, self.contacts))

    def reset(self) -> None:
        """No calls, nothing stored, and everybody as in the beginning: extensions are new objects. Nobody is told."""
        self._resets += 1
        for kept in (self.calls, self.ended, self.log, self.recordings, self.voicemail, self.messages):
            kept.clear()
        self.behaviour = Behaviour()
        self.numbers = itertools.count(1)
        self.extensions, self.contacts = deepcopy(self._initial)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Does it then, unless the company is reset before."""
        resets = self._resets

        def act_unless_reset() -> None:
            if self._resets == resets:
                act()

        self.call_later(seconds, act_unless_reset)

    def tell(self, event: EngineEvent) -> None:
        for listener in self.listeners:
            listener(event)
        for reaction in self.reactions:
            reaction(event)

    def tell_line(self, event: LineEvent) -> None:
        for listener in self.line_listeners:
            listener(event)

    def extension(self, reference: str) -> Extension | None:
        """The extension with that id or internal number."""
        if reference in self.extensions:
            return self.extensions[reference]
        return next((each for each in self.extensions.values() if each.number == reference), None)

    def device(self, extension: Extension, device_id: str) -> Device:
        """Raises UnknownDevice."""
        for each in extension.devices:
            if each.id == device_id:
                return each
        raise UnknownDevice(f"{extension.name} has no phone {device_id}")

    def queue(self, extension_id: str) -> Queue:
        """Raises UnknownExtension for what is no queue."""
        extension = self.extensions.get(extension_id)
        if extension is None or extension.queue is None:
            raise UnknownExtension(f"There is no queue {extension_id}")
        return extension.queue

    def is_busy(self, extension: Extension) -> bool:
        """Whether the line takes no further call: as many lines as it has are in use, and there is no call waiting."""
        settings = extension.settings
        return not settings.call_waiting and len(live_legs(self.calls.values(), extension.id)) >= settings.lines

    def party(self, dialled: str) -> Party:
        """Whom one reaches by dialling this: an internal number, a dialplan's external number, or somebody outside.

        Raises NotDialable for what is no number, and for a short number that nobody has.
        """
        if not _DIALLED.fullmatch(dialled):
            raise NotDialable(f"{dialled!r} is not a number that can be dialled")
        for each in self.extensions.values():
            if each.number == dialled:
                return Party(number=each.number, name=each.name, extension=each)
        number = international(dialled)
        for each in self.extensions.values():
            if each.external_number == number:
                return Party(number=number, name=each.name, extension=each)
        if len(number) < _SHORTEST_EXTERNAL:
            raise NotDialable(f"no extension has the number {dialled}")
        return Party(number=number)

    def party_of(self, extension: Extension) -> Party:
        return Party(number=extension.number, name=extension.name, extension=extension)


def international(number: str) -> str:
    """Digits of the E.164 number; ten digits that begin with a single zero are taken as Dutch, as the PBX stands there."""
    if number.startswith("+"):
        return number[1:]
    if number.startswith("00"):
        return number[2:]
    return "31" + number[1:] if _NATIONAL.fullmatch(number) else number
