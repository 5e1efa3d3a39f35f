"""What one can do during a call besides moving it: tags, coach, recording, keys, blocking, and the talk options."""

from typing import Any

from sandbox.engine.directory import Extension, Party
from sandbox.engine.errors import NotDialable
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import SupervisionMode
from sandbox.engine.switch import Switch
from sandbox.faces.callgear.catalogue import TAGS, TALK_OPTIONS, TalkOption
from sandbox.faces.callgear.connection import Connection
from sandbox.faces.callgear.errors import forbidden, invalid_state, no_active_phone_number, refused
from sandbox.faces.callgear.parameters import Values
from sandbox.faces.callgear.rpc import Handler
from sandbox.faces.callgear.sessions import Session, Sessions
from sandbox.faces.callgear.staff import Staff


class Options:
    """Each succeeds, or raises RpcError. `blacklist`: numbers of blocked contacts."""

    def __init__(
        self, switch: Switch, sessions: Sessions, staff: Staff, blacklist: set[str], connection: Connection
    ) -> None:
        self.switch = switch
        self.sessions = sessions
        self.staff = staff
        self.blacklist = blacklist
        self.connection = connection

    def handlers(self) -> dict[str, Handler]:
        return {
            "tag.call": lambda values: self._tag(self._session(values), values.number("tag_id")),
            "add.coach": self.add_coach,
            "record.call": self.record,
            "block.contact": self.block,
            "send.dtmf": self.send_dtmf,
            "list.talk_options": lambda _: [self._show(each) for each in TALK_OPTIONS.values()],
            "call.talk_option": self.call_talk_option,
        }

    def add_coach(self, values: Values) -> None:
        """The employee with that number, or the coach of the client area. They whisper: the contact doesn't hear them."""
        session = self._session(values)
        self._coach(session, values.get("phone_number"))

    def record(self, values: Values) -> None:
        """ "You can not switch off universal recording of call"."""
        session = self._session(values)
        if values.text("action") == "on":
            self._start_recording(session)
        elif not session.call.recording:
            raise refused("record_already_stopped", "The call record is not enabled", "action", "off")
        else:
            self._stop_recording(session)

    def block(self, values: Values) -> None:
        """The call goes on. Somebody without a number can't be blocked."""
        number = self._session(values).contact_number
        if number is None:
            raise invalid_state()
        if number in self.blacklist:
            text = f"The contact with phone number {number} already exists"
            raise refused("duplicate_contact", text, contact_phone_number=number)
        self.blacklist.add(number)

    def send_dtmf(self, values: Values) -> None:
        session = self._session(values)
        self.switch.calls.send_digits(session.call, session.operator(), values.text("dtmf_string"))

    def call_talk_option(self, values: Values) -> None:
        """ "Recall of certain talk options disables them. For example, Voice recorder, Call coach"."""
        session, button = self._session(values), values.text("button")
        option = TALK_OPTIONS.get(button)
        if option is None:
            raise refused("talk_option_not_found", "Talk option not found", "button", button)
        match option.mnemonic:
            case "tag_call":
                self._tag(session, option.tag_id or 0)
            case "record_talk":
                (self._stop_recording if session.call.recording else self._start_recording)(session)
            case "call_coach":
                self._toggle_coach(session)
            case "run_scenario":
                self._run_scenario(session)
            case "finish_conversation":
                self.switch.calls.end(session.call)

    def react(self, event: EngineEvent) -> None:
        """Where everything is recorded, a talk is from its beginning."""
        call = event.call
        begins = event.kind is Kind.ANSWERED and call.consultation_for is None and len(call.talking) > 1
        if begins and self.connection.record_everything and not call.recording:
            self.switch.recordings.start(call)

    def _session(self, values: Values) -> Session:
        return self.sessions.find(values.number("call_session_id"))

    def _tag(self, session: Session, tag_id: int) -> None:
        if tag_id not in TAGS:
            raise refused("tag_not_found", f"Tag with {tag_id} not found", "tag_id", tag_id, tag_id=tag_id)
        if tag_id in session.tags:
            raise refused("duplicate_tag", "Duplicate tag", "tag_id", tag_id)
        session.tags.append(tag_id)

    def _coach(self, session: Session, number: str | None) -> None:
        coach = self._find_coach(number)
        answers = self.switch.company.behaviour.auto_pickup
        mode = SupervisionMode.WHISPER
        self.switch.supervisions.start(session.call, session.operator(), coach, mode, auto_answer=answers)

    def _find_coach(self, number: str | None) -> Extension:
        wanted = number or self.connection.coach
        if not wanted:
            raise refused("coach_not_found", "The coach not found in your settings")
        try:
            coach = self.staff.reach(wanted).extension
        except NotDialable as error:
            raise no_active_phone_number("phone_number", number) from error
        if coach is None or not coach.is_user:
            raise no_active_phone_number("phone_number", number)
        return coach

    def _toggle_coach(self, session: Session) -> None:
        coaching = [each for each in session.call.live if each.supervision is not None]
        for leg in coaching:
            self.switch.calls.hangup(session.call, leg)
        if not coaching:
            self._coach(session, None)

    def _start_recording(self, session: Session) -> None:
        if session.call.recording:
            raise refused("record_already_started", "The call record is already started", "action", "on")
        self.switch.recordings.start(session.call)

    def _stop_recording(self, session: Session) -> None:
        if self.connection.record_everything:
            raise forbidden()
        self.switch.recordings.stop(session.call)

    def _run_scenario(self, session: Session) -> None:
        """Hands the contact to the company's first scenario."""
        scenario = self.staff.scenarios[0]
        party = Party(scenario.external_number or scenario.number, scenario.name, scenario)
        self.switch.transfers.transfer(session.call, session.operator(), party)

    def _show(self, option: TalkOption) -> dict[str, Any]:
        """ "In case of an object an empty object returns": of options that are about nothing."""
        value: dict[str, Any] = {}
        if option.tag_id is not None:
            value = {"id": option.tag_id, "value": TAGS[option.tag_id].name}
        elif option.mnemonic == "run_scenario":
            scenario = self.staff.scenarios[0]
            value = {"id": int(scenario.id), "value": scenario.name}
        return {"button": option.button, "mnemonic": option.mnemonic, "name": option.name, "button_value": value}
