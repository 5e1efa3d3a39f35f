""" "Call Recordings": the paths of files on the server. The document has no way to fetch them; see README.md."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from sandbox.engine.directory import Extension
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import TALKING, Call, Direction, Role
from sandbox.engine.recordings import audio
from sandbox.engine.stored import Recording
from sandbox.engine.switch import Switch
from sandbox.faces.eq.calls import number_of
from sandbox.faces.eq.channels import Channels, call_number
from sandbox.faces.eq.dispatch import Handler
from sandbox.faces.eq.errors import blank, nonexistent
from sandbox.faces.eq.records import Records
from sandbox.faces.eq.requests import Ask

FOLDER = "/var/spool/asterisk/monitor"
_PREFIXES = {Direction.INBOUND: "in", Direction.OUTBOUND: "out", Direction.INTERNAL: "internal"}


class CallRecordings:
    """Made by action, and by themselves where a queue or an extension is set so."""

    def __init__(self, switch: Switch, records: Records, channels: Channels) -> None:
        self.switch = switch
        self.channels = channels
        self.company = switch.company
        self.records = records

    def operations(self) -> dict[str, Handler]:
        return {"call_recordings": self.paths}

    def paths(self, ask: Ask) -> list[str]:
        call = self._call(ask)
        return [self.path(call, each) for each in call.recordings if each.id in self.company.recordings]

    def path(self, call: Call, recording: Recording) -> str:
        """As FreePBX names them: `q-601-31612345678-20260131-090000-1769850000.7.wav`; further ones of a call are numbered."""
        day = datetime.fromtimestamp(call.created_at, UTC)
        queue = call.via.extension if call.via and call.via.extension and call.via.extension.queue else None
        prefix = f"q-{queue.number}" if queue else f"{_PREFIXES[call.direction]}-{number_of(call.party(Role.CALLEE))}"
        caller = number_of(call.party(Role.CALLER)) or "anonymous"
        place = call.recordings.index(recording)
        suffix = f"-{place + 1}" if place else ""
        name = f"{prefix}-{caller}-{day:%Y%m%d-%H%M%S}-{call.id}{suffix}.wav"
        return f"{FOLDER}/{day:%Y/%m/%d}/{name}"

    async def serve(self, request: Request) -> Response:
        """The file itself, as a server has it whose administrator shows that folder to browsers."""
        wanted = f"{FOLDER}/{request.path_params['path']}"
        for call in (*self.company.calls.values(), *self.company.ended):
            for each in call.recordings:
                if each.id in self.company.recordings and self.path(call, each) == wanted:
                    return Response(audio(each), media_type="audio/wav")
        return Response("There is no such file", 404)

    def follow(self, event: EngineEvent) -> None:
        """Begins a recording when a call is answered that is always to be recorded."""
        call = event.call
        if event.kind is Kind.ANSWERED and len(call.talking) > 1 and not call.recording and self._is_wanted(call):
            self.switch.recordings.start(call)

    def _call(self, ask: Ask) -> Call:
        number, unique = ask.values.text("call"), ask.values.text("call_unique_id")
        if not number and not unique:
            raise blank("call")
        for each in (*self.company.calls.values(), *self.company.ended):
            if unique in self.channels.unique_ids(each) or str(call_number(each)) == number:
                return each
        raise nonexistent("call" if number else "call_unique_id", f"call {number or unique}")

    def _is_wanted(self, call: Call) -> bool:
        """As the queue or an extension on the call is set: `recordingFormat`, `recording.…`."""
        queue = self.records.queues.get(call.via.extension.number) if call.via and call.via.extension else None
        if queue is not None and queue.values.get("recordingFormat"):
            return True
        where = "Internal" if call.direction is Direction.INTERNAL else "External"
        return any(
            self._setting(leg.party.extension, leg.role, where) == "always"
            for leg in call.in_state(*TALKING)
            if leg.party.extension
        )

    def _setting(self, extension: Extension, role: Role, where: str) -> str:
        record = self.records.extensions.get(extension.number)
        direction = "outbound" if role is Role.CALLER else "inbound"
        settings = record.values.get("recording") if record else None
        return str((settings or {}).get(f"{direction}{where}"))
