"""The Call API's methods and the rules of their parameters ("Method list"), checked before anything is sent.

Each method has a JSON Schema, without the `access_token` that all but login.user take.
"""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from integrations.contract.errors import VendorRejected

Schema = Mapping[str, Any]
_TEXT: Schema = {"type": "string", "minLength": 1}
_NUMBER: Schema = {"type": "integer"}
_FLAG: Schema = {"type": "boolean"}
_PHONE: Schema = {"type": "string", "pattern": "^[0-9]{2,15}$"}
"""E.164 without the plus, as in all examples; SIP numbers and short ones are shorter."""
_KEYS: Schema = {"type": "string", "pattern": r"^[0-9*#.]+$"}
_CALL = {"call_session_id": _NUMBER}


def _object(required: Mapping[str, Schema], optional: Mapping[str, Schema] = {}, **more: Any) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


_MESSAGE = _object({"type": {"enum": ["media", "tts"]}, "value": _TEXT})
_ALWAYS = {"external_id": _TEXT, "dtmf_string": _KEYS, "direction": {"enum": ["in", "out"]}}
_MUSIC = {
    "switch_at_once": _FLAG,
    "early_switching": _FLAG,
    "media_file_id": _NUMBER,
    "show_virtual_phone_number": _FLAG,
}
_BOTH_MESSAGES = {"contact_message": _MESSAGE, "employee_message": _MESSAGE}
_NUMBERS = {"virtual_phone_number": _PHONE, "contact": _PHONE}


def _first(own: str) -> dict[str, Schema]:
    return {"first_call": {"enum": ["contact", own]}}


def _early(own: str) -> dict[str, Any]:
    """`early_switching` needs the own side called first, and `switch_at_once`: else "invalid_parameters_combination"."""
    return {
        "if": {"properties": {"early_switching": {"const": True}}, "required": ["early_switching"]},
        "then": {
            "properties": {"first_call": {"const": own}, "switch_at_once": {"const": True}},
            "required": ["switch_at_once"],
        },
    }


METHODS: Mapping[str, Schema] = {
    "login.user": _object({"login": _TEXT, "password": _TEXT}),
    "logout.user": _object({}),
    "start.employee_call": _object(
        {
            **_first("employee"),
            **_NUMBERS,
            "employee": _object({"id": _NUMBER}, {"phone_number": _TEXT}),
        },
        {**_MUSIC, **_ALWAYS, **_BOTH_MESSAGES},
        **_early("employee"),
    ),
    "start.scenario_call": _object(
        {**_first("employee"), **_NUMBERS, "scenario_id": _NUMBER},
        {"switch_at_once": _FLAG, **_ALWAYS, **_BOTH_MESSAGES},
    ),
    "start.vnumber_call": _object(
        {**_first("employee"), **_NUMBERS},
        {
            "switch_at_once": _FLAG,
            "show_virtual_phone_number": _FLAG,  # of the example, not of the table
            **_ALWAYS,
            "contact_message": _MESSAGE,
        },
    ),
    "start.informer_call": _object(
        {**_NUMBERS, "contact_message": _MESSAGE},
        {**_ALWAYS, "dialing_timeout": {"type": "integer", "minimum": 1, "maximum": 120}},
    ),
    "start.simple_call": _object(
        {**_first("operator"), **_NUMBERS, "operator": _PHONE},
        {
            **_MUSIC,
            **_ALWAYS,
            "operator_confirmation": {"type": "string", "pattern": "^([0-9*#]|any)$"},
            "contact_message": _MESSAGE,
            "operator_message": _MESSAGE,
        },
        **_early("operator"),
    ),
    "make.call": _object({**_CALL, "to": _PHONE}, {"to_message": _MESSAGE}),
    "transfer.talk": _object(_CALL),
    "restore.talk": _object(_CALL),
    "hold.call": _object({**_CALL, "contact_message": _MESSAGE}),
    "unhold.call": _object(_CALL),
    "add.coach": _object(_CALL, {"phone_number": _TEXT}),
    "tag.call": _object({**_CALL, "tag_id": _NUMBER}),
    "record.call": _object({**_CALL, "action": {"enum": ["on", "off"]}}),
    "disconnect.leg": _object({**_CALL, "leg_id": _NUMBER}),
    # "possible only via single symbols"
    "send.dtmf": _object({**_CALL, "dtmf_string": {"type": "string", "pattern": "^[0-9*#]$"}}),
    "block.contact": _object(_CALL),
    "list.calls": _object({}, {"direction": {"enum": ["in", "out"]}, "virtual_phone_number": _PHONE}),
    "list.talk_options": _object({}),
    "call.talk_option": _object({**_CALL, "button": _TEXT}),
    "release.call": _object(_CALL),
}
READS = frozenset({"list.calls", "list.talk_options", "login.user"})
"""What changes nothing, so that it may be asked again whatever became of it."""
_VALIDATORS = {name: Draft202012Validator(schema) for name, schema in METHODS.items()}
_MNEMONICS = {
    "required": "required_parameter_missed",
    "additionalProperties": "unexpected_parameters",
    "type": "data_type_error",
    "if": "invalid_parameters_combination",
}
_WORDS = {
    "required_parameter_missed": "something that it needs is missing",
    "unexpected_parameters": "it takes no such parameters",
    "data_type_error": "a value is of the wrong type",
    "invalid_parameters_combination": "early_switching takes switch_at_once, and the own side called first",
    "invalid_parameter_value": "it doesn't take this value",
}


def check_params(method: str, params: Mapping[str, Any]) -> None:
    """Raises VendorRejected, with the mnemonic that CallGear itself would answer; never with the value, which may be secret."""
    if method not in METHODS:
        raise VendorRejected(f"CallGear's Call API has no method {method[:80]!r}.", code="method_not_found")
    for violation in _VALIDATORS[method].iter_errors(params):
        mnemonic = _MNEMONICS.get(_kind(violation), "invalid_parameter_value")
        field = ".".join(str(each) for each in _path(violation))
        about = f" ({field})" if field else ""
        raise VendorRejected(f"CallGear's {method} can't be asked so: {_WORDS[mnemonic]}{about}.", code=mnemonic)


def _kind(violation: ValidationError) -> str:
    is_combination = "then" in violation.absolute_schema_path
    return "if" if is_combination else str(violation.validator)


def _path(violation: ValidationError) -> list[Any]:
    path = list(violation.absolute_path)
    if violation.validator == "required":
        return [*path, next(name for name in violation.validator_value if name not in violation.instance)]
    if violation.validator == "additionalProperties":
        known = violation.schema.get("properties", {})
        return [*path, ", ".join(sorted(set(map(str, violation.instance)) - known.keys()))[:80]]
    return path
