"""The "Method list": every method's component and parameters, row by row as in the document."""

from dataclasses import dataclass, replace

from sandbox.faces.callgear.connection import Component
from sandbox.faces.callgear.parameters import Param


@dataclass(frozen=True, slots=True)
class Method:
    """`is_open`: needs no access token. `reads`: its answer is neither a success nor a call session id."""

    params: tuple[Param, ...]
    component: Component | None = None
    is_open: bool = False
    reads: bool = False


TOKEN = Param("access_token", required=True)
_SESSION = Param("call_session_id", "number", required=True)
_MESSAGE = (Param("type", required=True, choices=("media", "tts")), Param("value", required=True))
_FIRST_CALL = Param("first_call", required=True, choices=("contact", "employee"))
_SWITCH_AT_ONCE = Param("switch_at_once", "boolean")
_VIRTUAL_NUMBER = Param("virtual_phone_number", required=True, pattern=r"\d{7,15}")
_CONTACT = Param("contact", required=True, pattern=r"\d{7,15}")
_CONTACT_MESSAGE = Param("contact_message", "object", fields=_MESSAGE)
_EMPLOYEE_MESSAGE = Param("employee_message", "object", fields=_MESSAGE)
_OUTSIDE = (
    Param("external_id"),
    Param("dtmf_string", pattern=r"[0-9*#.]+"),
    Param("direction", choices=("in", "out")),
)
_MUSIC = (
    _SWITCH_AT_ONCE,
    Param("early_switching", "boolean"),
    Param("media_file_id", "number"),
    Param("show_virtual_phone_number", "boolean"),
)
_EMPLOYEE = Param(
    "employee", "object", required=True, fields=(Param("id", "number", required=True), Param("phone_number"))
)


def _basic(*params: Param) -> Method:
    return Method((TOKEN, *params), Component.BASIC)


def _on_call(*params: Param) -> Method:
    return Method((TOKEN, _SESSION, *params), Component.MANAGEMENT)


METHODS: dict[str, Method] = {
    "login.user": Method(
        (Param("login", required=True), Param("password", required=True)), Component.BASIC, is_open=True, reads=True
    ),
    "logout.user": _basic(),
    "start.employee_call": _basic(
        _FIRST_CALL, *_MUSIC, _VIRTUAL_NUMBER, _CONTACT, *_OUTSIDE, _EMPLOYEE, _CONTACT_MESSAGE, _EMPLOYEE_MESSAGE
    ),
    "start.scenario_call": Method(
        (
            TOKEN,
            _VIRTUAL_NUMBER,
            *_OUTSIDE,
            _CONTACT,
            _FIRST_CALL,
            _SWITCH_AT_ONCE,
            Param("scenario_id", "number", required=True),
            _CONTACT_MESSAGE,
            _EMPLOYEE_MESSAGE,
        ),
        Component.SCENARIO,
    ),
    "start.vnumber_call": _basic(_VIRTUAL_NUMBER, *_OUTSIDE, _CONTACT, _FIRST_CALL, _SWITCH_AT_ONCE, _CONTACT_MESSAGE),
    "start.informer_call": Method(
        (
            TOKEN,
            _VIRTUAL_NUMBER,
            *_OUTSIDE,
            _CONTACT,
            Param("dialing_timeout", "number"),
            replace(_CONTACT_MESSAGE, required=True),
        ),
        Component.INFORMER,
    ),
    "start.simple_call": _basic(
        replace(_FIRST_CALL, choices=("contact", "operator")),
        *_MUSIC,
        _VIRTUAL_NUMBER,
        _CONTACT,
        *_OUTSIDE,
        Param("operator", required=True, pattern=r"\d{3,15}"),
        Param("operator_confirmation", pattern=r"[0-9*#]|any"),
        _CONTACT_MESSAGE,
        Param("operator_message", "object", fields=_MESSAGE),
    ),
    "make.call": _on_call(
        Param("to", required=True, pattern=r"\d{3,15}"), Param("to_message", "object", fields=_MESSAGE)
    ),
    "transfer.talk": _on_call(),
    "restore.talk": _on_call(),
    "hold.call": _on_call(replace(_CONTACT_MESSAGE, required=True)),
    "unhold.call": _on_call(),
    "tag.call": _on_call(Param("tag_id", "number", required=True)),
    "disconnect.leg": _on_call(Param("leg_id", "number", required=True)),
    "add.coach": _on_call(Param("phone_number")),
    "record.call": _on_call(Param("action", required=True, choices=("on", "off"))),
    "block.contact": _on_call(),
    "call.talk_option": _on_call(Param("button", required=True)),
    "send.dtmf": _on_call(Param("dtmf_string", required=True, pattern=r"[0-9*#]")),
    "list.talk_options": Method((TOKEN,), Component.MANAGEMENT, reads=True),
    "list.calls": Method(
        (TOKEN, Param("direction", choices=("in", "out")), Param("virtual_phone_number")),
        Component.MANAGEMENT,
        reads=True,
    ),
    "release.call": _basic(_SESSION),
}
