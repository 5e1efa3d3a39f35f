"""One PBX: its directory, its calls, and those who listen to them."""

import re
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.engine.errors import NotDialable
from sandbox.engine.model import Call, EngineEvent, Extension, Party, User

ENDED_KEPT = 200
_DIALLED = re.compile(r"\+?\d{3,15}", re.ASCII)
_NATIONAL = re.compile(r"0[1-9]\d{8}", re.ASCII)
_SHORTEST_EXTERNAL = 7


@dataclass(slots=True)
class Behaviour:
    """How people and phones of this company behave; changeable while it runs.

    `auto_pickup`: the phone of somebody who calls through the API goes off-hook by itself, else it waits to be answered.
    `customer_answers_after_s`: somebody outside answers by themselves, else by a click. `ring_timeout_s`: then nobody answered.
    """

    auto_pickup: bool = True
    customer_answers_after_s: float | None = None
    ring_timeout_s: float = 60.0


@dataclass(slots=True)
class Company:
    """Directory and calls. `make_call_id` is the face's: vendors have shapes of their own."""

    slug: str
    name: str
    extensions: dict[str, Extension]
    users: tuple[User, ...]
    behaviour: Behaviour = field(default_factory=Behaviour)
    calls: dict[str, Call] = field(default_factory=dict)
    ended: deque[Call] = field(default_factory=lambda: deque(maxlen=ENDED_KEPT))
    listeners: list[Callable[[EngineEvent], None]] = field(default_factory=list)
    make_call_id: Callable[[], str] = field(default=lambda: uuid.uuid4().hex)
    now: Callable[[], float] = time.time

    def reset(self) -> None:
        """No calls, and everybody as in the beginning. Nobody is told."""
        self.calls.clear()
        self.ended.clear()
        self.behaviour = Behaviour()
        for extension in self.extensions.values():
            extension.caller_id = extension.caller_ids[0].id if extension.caller_ids else None

    def tell(self, event: EngineEvent) -> None:
        for listener in self.listeners:
            listener(event)

    def extension(self, reference: str) -> Extension | None:
        """The extension with that id or internal number."""
        if reference in self.extensions:
            return self.extensions[reference]
        return next((each for each in self.extensions.values() if each.number == reference), None)

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
