""" "Call Recording API": on demand (start and stop), or everything recorded, and kept only if it is saved."""

from typing import Any

from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import Call
from sandbox.engine.switch import Switch
from sandbox.faces.dstny.dialect import Dialect
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import conflict, invalid
from sandbox.faces.dstny.own import OwnCalls
from sandbox.faces.dstny.requests import Ask
from sandbox.faces.dstny.views import Views

_ACTIONS = ("start", "stop", "pause", "resume", "save", "discard")


class CallRecording:
    """Only what the state's `actions` offer can be done."""

    def __init__(self, switch: Switch, dialect: Dialect, own: OwnCalls, views: Views) -> None:
        self.switch = switch
        self.dialect = dialect
        self.own = own
        self.views = views

    def operations(self) -> dict[str, Handler]:
        return {"record": self.record}

    def record(self, ask: Ask) -> dict[str, Any]:
        action = ask.path["action"]
        if action not in _ACTIONS:
            raise invalid("action", f"There is no recording action {action}")
        view, _ = self.own.find(ask)
        if f"{action.upper()}_REC" not in str(view.shown.get("actions")):
            raise conflict(f"The recording can't {action} now")
        self._do(view.call, action, ask.person.extension.id)
        self.views.refresh(view.call)
        return self.views.render(view)

    def follow(self, event: EngineEvent) -> None:
        """Where everything is recorded: begins with the call, and throws away what nobody saved when it ends."""
        if self.dialect.recording != "external":
            return
        if event.kind is Kind.ANSWERED and not event.call.recording and len(event.call.talking) > 1:
            self.switch.recordings.start(event.call)
        if event.kind is Kind.ENDED:
            for each in event.call.recordings:
                if not each.saved:
                    self.switch.company.recordings.pop(each.id, None)

    def _do(self, call: Call, action: str, extension_id: str) -> None:
        recordings = self.switch.recordings
        match action:
            case "start":
                recordings.start(call, extension_id)
            case "stop":
                recordings.stop(call)
            case "pause":
                recordings.pause(call)
            case "resume":
                recordings.resume(call)
            case "save":
                recordings.save(call)
            case "discard":
                # "The call is still recorded but will be discarded at the end … unless the save operation is performed".
                call.recordings[-1].saved = False
