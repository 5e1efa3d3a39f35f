"""A PBX that can do everything that the contract has: in memory, instant, and it writes down what it was asked.

For tests of what lies above the adapters; real vendors are tested against the sandbox.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from msgspec import Struct, field, structs

from common.http import HttpClient
from integrations.contract.adapter import Account, PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.commands import (
    CallRef,
    CheckResult,
    Destination,
    Originate,
    RawRequest,
    RawResponse,
)
from integrations.contract.errors import VendorError
from integrations.contract.media import Media
from integrations.contract.things import (
    AgentAction,
    AgentChoice,
    CallLogItem,
    Diversion,
    Message,
    Page,
    Presence,
    QueueAgent,
    QueuedCall,
    QueueStats,
    VendorCallerId,
    VendorDevice,
    VendorExtension,
    VendorQueue,
    Voicemail,
)

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
EVENTS = {Capability.CALL_EVENTS, Capability.AGENT_EVENTS, Capability.QUEUE_EVENTS, Capability.SNAPSHOT}
"""The tests tell what happened themselves."""


class Memory(Struct):
    """What a PBX remembers; tests read it, and change it."""

    asked: list[tuple[Any, ...]] = []
    """Every command: its name and what came along, the acting leg's vendor id first where there is one."""
    refusal: VendorError | None = None
    """What everything is answered with instead."""
    consultation: str | None = "consultation-1"
    devices: tuple[VendorDevice, ...] = (VendorDevice("desk", "Desk phone", "hard", online=True, active=True),)
    presence: Presence = Presence("office", available=True)
    diversion: Diversion = Diversion(active=False)
    stats: QueueStats = QueueStats(waiting=2, longest_wait_s=31.5, agents_logged_in=1)
    waiting: tuple[QueuedCall, ...] = ()
    pause_codes: tuple[AgentChoice, ...] = (AgentChoice("lunch", "Lunch"), AgentChoice("desk", "At the desk"))
    skills: tuple[AgentChoice, ...] = (AgentChoice("dutch", "Speaks Dutch"),)
    tags: tuple[str, ...] = ("vip", "spam")
    agents: dict[str, str] = field(default_factory=lambda: {"a" * 32: "logged_out"})
    sound: bytes = b"sound"
    sound_type: str = "audio/mpeg"
    answer: RawResponse = RawResponse(200, {"content-type": "application/json"}, b'{"ok":true}')
    raw: list[RawRequest] = []


class EverythingPbx(PbxAdapter):
    """`memories` are the PBXs, by their accounts' ids."""

    key = "everything"
    label = "Everything"
    auth = "password"
    event_transport = "webhook"
    default_base_url = "https://everything.example.com"
    credentials_schema: ClassVar[Mapping[str, Any]] = {"type": "object"}
    settings_schema: ClassVar[Mapping[str, Any]] = {"type": "object"}
    declared = frozenset(Capability) - EVENTS
    memories: ClassVar[dict[str, Memory]] = {}

    def __init__(self, account: Account, http: HttpClient) -> None:
        super().__init__(account, http)
        self.memory = self.memories.setdefault(account.id, Memory())

    def _ask(self, command: str, *what: Any) -> Memory:
        if self.memory.refusal is not None:
            raise self.memory.refusal
        self.memory.asked.append((command, *what))
        return self.memory

    def _command(self, command: str, call: CallRef, *what: Any) -> None:
        self._ask(command, call.acting.vendor_leg_id if call.acting else None, *what)

    async def check(self) -> CheckResult:
        return CheckResult(ok=True, detail="fine", latency_ms=1.0)

    async def passthrough(self, request: RawRequest) -> RawResponse:
        self._ask("passthrough")
        self.memory.raw.append(request)
        return self.memory.answer

    # Calls.

    async def originate(self, command: Originate) -> str | None:
        self._ask("originate", command)
        return "placed-1"

    async def answer(self, call: CallRef, device_id: str | None) -> None:
        self._command("answer", call, device_id)

    async def reject(self, call: CallRef) -> None:
        self._command("reject", call)

    async def hangup(self, call: CallRef) -> None:
        self._command("hangup", call)

    async def hold(self, call: CallRef) -> None:
        self._command("hold", call)

    async def resume(self, call: CallRef) -> None:
        self._command("resume", call)

    async def mute(self, call: CallRef) -> None:
        self._command("mute", call)

    async def unmute(self, call: CallRef) -> None:
        self._command("unmute", call)

    async def swap(self, call: CallRef) -> None:
        self._command("swap", call)

    async def park(self, call: CallRef) -> None:
        self._command("park", call)

    async def pickup(self, call: CallRef, by: str, device_id: str | None) -> None:
        self._command("pickup", call, by, device_id)

    async def move(self, call: CallRef, device_id: str) -> None:
        self._command("move", call, device_id)

    async def dtmf(self, call: CallRef, digits: str) -> None:
        self._command("dtmf", call, digits)

    async def transfer(self, call: CallRef, to: Destination, mode: str) -> None:
        self._command("transfer", call, to, mode)

    async def consult(self, call: CallRef, to: Destination, device_id: str | None) -> str | None:
        self._command("consult", call, to, device_id)
        return self.memory.consultation

    async def complete_transfer(self, call: CallRef, target: CallRef | None) -> None:
        self._command("complete-transfer", call, target and target.vendor_call_id)

    async def cancel_transfer(self, call: CallRef) -> None:
        self._command("cancel-transfer", call)

    async def conference(self, call: CallRef, target: CallRef) -> None:
        self._command("conference", call, target.vendor_call_id)

    async def leave(self, call: CallRef) -> None:
        self._command("leave", call)

    async def disconnect_leg(self, call: CallRef) -> None:
        self._command("disconnect-leg", call)

    async def supervise(self, call: CallRef, mode: str, by: Destination) -> None:
        self._command("supervise", call, mode, by)

    async def tag(self, call: CallRef, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
        self._command("tags", call, add, remove)

    async def block(self, call: CallRef) -> None:
        self._command("block", call)

    async def start_recording(self, call: CallRef) -> None:
        self._command("start", call)

    async def stop_recording(self, call: CallRef) -> None:
        self._command("stop", call)

    async def pause_recording(self, call: CallRef) -> None:
        self._command("pause", call)

    async def resume_recording(self, call: CallRef) -> None:
        self._command("resume", call)

    async def save_recording(self, call: CallRef) -> None:
        self._command("save", call)

    async def discard_recording(self, call: CallRef) -> None:
        self._command("discard", call)

    @asynccontextmanager
    async def open_recording(self, recording_id: str, byte_range: str | None = None) -> AsyncIterator[Media]:
        memory = self._ask("open_recording", recording_id)

        async def chunks() -> AsyncIterator[bytes]:
            yield memory.sound

        yield Media(memory.sound_type, chunks(), len(memory.sound))

    # Lines.

    async def list_extensions(self) -> Sequence[VendorExtension]:
        self._ask("list_extensions")
        return [VendorExtension("a" * 32, "1000", "Alice", "user"), VendorExtension("q" * 32, "800", "Help", "queue")]

    async def get_extension(self, extension_id: str) -> VendorExtension:
        return (await self.list_extensions())[0]

    async def list_devices(self, extension_id: str) -> Sequence[VendorDevice]:
        return self._ask("list_devices", extension_id).devices

    async def list_tags(self) -> Sequence[str]:
        return self._ask("list_tags").tags

    async def list_caller_ids(self, extension_id: str) -> Sequence[VendorCallerId]:
        self._ask("list_caller_ids", extension_id)
        return [VendorCallerId("c1", "+31203080700"), VendorCallerId("withheld", "")]

    async def set_caller_id(self, extension_id: str, caller_id: str) -> None:
        self._ask("set_caller_id", extension_id, caller_id)

    async def read_presence(self, extension_id: str) -> Presence:
        return self._ask("read_presence", extension_id).presence

    async def set_presence(self, extension_id: str, presence: Presence) -> Presence:
        memory = self._ask("set_presence", extension_id)
        changed = {name: value for name, value in structs.asdict(presence).items() if value is not None}
        memory.presence = structs.replace(memory.presence, **changed)
        return memory.presence

    async def read_diversion(self, extension_id: str) -> Diversion:
        return self._ask("read_diversion", extension_id).diversion

    async def set_diversion(self, extension_id: str, diversion: Diversion) -> Diversion:
        self._ask("set_diversion", extension_id).diversion = diversion
        return diversion

    # Queues.

    async def list_queues(self) -> Sequence[VendorQueue]:
        return [await self.get_queue("q" * 32)]

    async def get_queue(self, queue_id: str) -> VendorQueue:
        memory = self._ask("get_queue", queue_id)
        return VendorQueue(queue_id, "Help", "800", memory.stats, memory.pause_codes, memory.skills)

    async def list_queue_agents(self, queue_id: str) -> Sequence[QueueAgent]:
        agents = self._ask("list_queue_agents", queue_id).agents
        return [QueueAgent(vendor_id, "", state, logged_in_at=NOON) for vendor_id, state in agents.items()]

    async def list_queue_calls(self, queue_id: str) -> Sequence[QueuedCall]:
        return self._ask("list_queue_calls", queue_id).waiting

    async def login_agent(self, action: AgentAction) -> None:
        self._ask("login", action).agents[action.vendor_extension_id] = "available"

    async def logout_agent(self, action: AgentAction) -> None:
        self._ask("logout", action).agents[action.vendor_extension_id] = "logged_out"

    async def pause_agent(self, action: AgentAction) -> None:
        self._ask("pause", action).agents[action.vendor_extension_id] = "paused"

    async def resume_agent(self, action: AgentAction) -> None:
        self._ask("resume", action).agents[action.vendor_extension_id] = "available"

    async def end_wrap_up(self, action: AgentAction) -> None:
        self._ask("end-wrap-up", action).agents[action.vendor_extension_id] = "available"

    async def steal(self, queue_id: str, vendor_call_id: str, to: Destination) -> None:
        self._ask("steal", queue_id, vendor_call_id, to)

    # Messages and history.

    async def send_message(self, message: Message) -> str | None:
        self._ask("send_message", message)
        return "message-1"

    async def read_call_log(self, since: datetime | None, until: datetime | None, page: str | None, limit: int) -> Page:
        """Two pages, the first with a recording."""
        self._ask("read_call_log", since, until, page, limit)
        first = CallLogItem(
            "item-2",
            NOON,
            "inbound",
            from_number="0612345678",
            vendor_extension_id="a" * 32,
            duration_s=61.0,
            result="Answered",
            vendor_recording_id="recording/../1",
        )
        second = CallLogItem("item-1", NOON, "outbound", to_number="112", vendor_extension_id="z" * 32)
        return Page((second,)) if page else Page((first,), next="page-2")

    async def read_voicemails(self, page: str | None, limit: int) -> Page:
        self._ask("read_voicemails", page, limit)
        return Page((Voicemail("vm-1", NOON, "0612345678", "Jansen", "a" * 32, 12.0, heard=False),))
