"""What both halves of call control need: finding sessions, parties, phones and targets, and who may touch them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sandbox.engine.company import Company
from sandbox.engine.directory import Device, Extension, Party
from sandbox.engine.errors import EngineError, NotDialable, Unknown, WrongState
from sandbox.engine.model import Call, Leg
from sandbox.engine.switch import Switch
from sandbox.faces.ringcentral.dialect import Dialect
from sandbox.faces.ringcentral.errors import ApiError, forbidden, invalid, not_found
from sandbox.faces.ringcentral.parties import TelephonyParty
from sandbox.faces.ringcentral.requests import Ask
from sandbox.faces.ringcentral.sessions import Session, Sessions
from sandbox.faces.ringcentral.times import iso

_TARGETS = ("phoneNumber", "extensionNumber", "extensionId")


@dataclass(frozen=True, slots=True)
class Target:
    """The party that a path names, with its session."""

    session: Session
    party: TelephonyParty

    @property
    def call(self) -> Call:
        return self.session.call

    @property
    def leg(self) -> Leg:
        return self.party.leg


class Control:
    """Finds what requests name. Raises ApiError: 404 CMN-102, 400 CMN-101, 403 CMN-408."""

    def __init__(self, switch: Switch, sessions: Sessions, dialect: Dialect) -> None:
        self.switch = switch
        self.sessions = sessions
        self.dialect = dialect

    @property
    def company(self) -> Company:
        return self.switch.company

    def session(self, ask: Ask) -> Session:
        """The live session of the path, if the user takes part in it, or is an administrator."""
        return self.any_session(ask, ask.path["session"], "telephonySessionId")

    def any_session(self, ask: Ask, session_id: str, parameter: str) -> Session:
        session = self.sessions.find(session_id)
        if session is None:
            raise not_found(parameter)
        mine = ask.grant.user.extension_id in {each.extension_id for each in session.parties}
        if not mine and not ask.grant.user.is_admin:
            raise forbidden("CallControl")
        return session

    def target(self, ask: Ask) -> Target:
        """The party of the path, if it is the user's own, or the user is an administrator."""
        session = self.session(ask)
        return Target(session, self.party(ask, session, ask.path["party"], "partyId"))

    def anybodys(self, ask: Ask) -> Target:
        """The party of the path, whoever's it is: to pick it up, or to supervise it."""
        session = self.sessions.find(ask.path["session"])
        if session is None:
            raise not_found("telephonySessionId")
        for party in session.parties:
            if party.id == ask.path["party"]:
                return Target(session, party)
        raise not_found("partyId")

    def party(self, ask: Ask, session: Session, party_id: str, parameter: str) -> TelephonyParty:
        for party in session.parties:
            if party.id == party_id:
                if party.extension_id != ask.grant.user.extension_id and not ask.grant.user.is_admin:
                    raise forbidden("CallControl")
                return party
        raise not_found(parameter)

    def phone(self, device_id: str | None, parameter: str) -> tuple[Extension, Device]:
        """Whose device it is, and which."""
        for extension in self.company.extensions.values():
            for device in extension.devices:
                if device.id == device_id:
                    return extension, device
        raise not_found(parameter) if device_id else invalid(parameter)

    def own_phone(self, ask: Ask, extension: Extension | None) -> Device | None:
        """The body's `deviceId`, which must be that extension's; None when the body has none."""
        if (device_id := ask.text("deviceId")) is None:
            return None
        owner, device = self.phone(device_id, "deviceId")
        if owner is not extension:
            raise invalid("deviceId", "It is another extension's.")
        return device

    def dialled(self, body: dict[str, Any]) -> Party:
        """Whom exactly one of phoneNumber, extensionNumber and extensionId names."""
        named = [name for name in _TARGETS if body.get(name)]
        if len(named) != 1 or not isinstance(body[named[0]], str):
            raise invalid("to")
        name, value = named[0], body[named[0]]
        try:
            if name == "phoneNumber":
                return self.company.party(value)
        except NotDialable as error:
            raise invalid(name, f"{error}.") from error
        return self.company.party_of(self.extension(value, name))

    def extension(self, reference: str | None, parameter: str) -> Extension:
        """By id or number."""
        found = self.company.extension(reference or "")
        if found is None:
            raise not_found(parameter)
        return found

    def show(self, target: Target) -> dict[str, Any]:
        return self.sessions.render(target.session, target.party)

    def show_session(self, session: Session) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": session.id,
            "creationTime": iso(session.call.created_at),
            "origin": {"type": session.origin},
            "parties": [self.sessions.render(session, each) for each in session.parties],
        }
        return body | ({"voiceCallToken": session.voice_call_token} if session.call.conference else {})

    def wrong_state(self, why: str) -> ApiError:
        """No source gives a code for it."""
        return ApiError(self.dialect.wrong_state, "TAS-106", f"The command is not allowed now: {why}")

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """What the engine refuses, as RingCentral does."""
        try:
            yield
        except WrongState as error:
            raise self.wrong_state(str(error)) from error
        except NotDialable as error:
            raise invalid("to", f"{error}.") from error
        except Unknown as error:
            raise ApiError(404, "CMN-102", str(error)) from error
        except EngineError as error:
            raise ApiError(500, "CMN-211", str(error)) from error
