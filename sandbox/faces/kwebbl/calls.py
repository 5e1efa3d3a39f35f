"""Call actions: "Perform Realtime Call Actions"."""

from typing import Any

from sandbox.engine.directory import Extension, Party
from sandbox.engine.errors import NotDialable, UnknownCall, WrongState
from sandbox.engine.model import TALKING, Call
from sandbox.engine.switch import Switch
from sandbox.faces.kwebbl.dialect import Dialect
from sandbox.faces.kwebbl.errors import not_found, validation
from sandbox.faces.kwebbl.grants import Grant
from sandbox.faces.kwebbl.requests import access_denied, reference, require

ACTIONS = ("terminate", "hangup", "transfer", "hold", "resume", "start-recording", "stop-recording")


class Calls:
    """Places and manipulates calls as far as a grant allows. Raises ApiError."""

    def __init__(self, switch: Switch, dialect: Dialect) -> None:
        self.switch = switch
        self.dialect = dialect

    def place(self, grant: Grant, body: dict[str, Any]) -> Call:
        """ "Placing a new call", with its limitations; `from` is by default the user of the token."""
        require(grant, self.dialect, "calls.create", "calls.create.personal")
        company = self.switch.company
        own = company.extensions[grant.user.extension_id]
        caller = company.party_of(own) if body.get("from") is None else self._agent(body["from"], "from")
        callee = self._agent(body.get("to"), "to")
        if not grant.allows("calls.create") and caller.extension is not own:
            raise access_denied(self.dialect, "calls.create.personal allows calls from yourself")
        if caller.extension is None and callee.extension is None:
            raise validation("Creating calls between 2 external numbers is not allowed")
        if _is_reversed(caller.extension, callee.extension):
            caller, callee = callee, caller
        try:
            return self.switch.calls.dial(caller, callee, pickup=company.behaviour.auto_pickup)
        except NotDialable as error:
            raise validation(str(error)) from error

    def act(self, grant: Grant, call_id: str, action: str, body: dict[str, Any]) -> None:
        """One of ACTIONS. A state in which it can't be done is undocumented: no effect, or 400."""
        require(grant, self.dialect, "calls.manage", "calls.manage.personal")
        try:
            call = self.switch.calls.find(call_id)
        except UnknownCall:
            raise not_found("A call with that Call ID does not exist") from None
        mine = call.leg_of(grant.user.extension_id)
        if mine is None and not grant.allows("calls.manage"):
            raise access_denied(self.dialect, "calls.manage.personal allows actions on calls from yourself")
        try:
            self._do(call, action, body, self._initiator(grant, call))
        except WrongState as error:
            if self.dialect.wrong_state == "reject":
                raise validation(str(error)) from error
        except NotDialable as error:
            raise validation(str(error)) from error

    def _do(self, call: Call, action: str, body: dict[str, Any], initiator: str | None) -> None:
        calls, recordings = self.switch.calls, self.switch.recordings
        match action:
            case "terminate" | "hangup":
                calls.end(call)
            case "hold":
                calls.hold(call, calls.agent_leg(call, initiator))
            case "resume":
                calls.resume(call)
            case "start-recording":
                recordings.start(call)
            case "stop-recording":
                recordings.stop(call)
            case "transfer":
                self._transfer(call, body, initiator)

    def _transfer(self, call: Call, body: dict[str, Any], initiator: str | None) -> None:
        target = self._agent(body.get("target"), "target")
        leg = self.switch.calls.agent_leg(call, initiator)
        match body.get("transfer_type", "blind"):
            case "blind":
                self.switch.transfers.transfer(call, leg, target)
            case "attended":
                self.switch.transfers.consult(call, leg, target)
            case _:
                raise validation("transfer_type must be blind or attended")

    def _initiator(self, grant: Grant, call: Call) -> str | None:
        """The user's own phone where it talks on this call, else whichever the engine picks."""
        own = grant.user.extension_id
        return own if call.leg_of(own, *TALKING) else None

    def _agent(self, value: object, name: str) -> Party:
        """The party that an agent object of a request names. Raises ApiError 400."""
        extension_id, number = reference(value, name)
        if extension_id is None:
            try:
                return self.switch.company.party(number or "")
            except NotDialable as error:
                raise validation(f"{name}: {error}") from error
        extension = self.switch.company.extensions.get(extension_id)
        if extension is None:
            raise validation(f"{name}.extension_id is not an extension of this company")
        return self.switch.company.party_of(extension)


def _is_reversed(caller: Extension | None, callee: Extension | None) -> bool:
    """ "From dialplan to external is reversed … From dialplan to user is reversed"."""
    return caller is not None and caller.is_dialplan and (callee is None or not callee.is_dialplan)
