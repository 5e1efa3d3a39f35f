"""CallGear's errors as errors of the contract ("Error messages", "Groups of error codes", the lists of each method).

The mnemonic says what is wrong; where it is a new one, the group of its code does. `value` is never repeated: it is what was
sent, which may be a secret.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from integrations.contract.errors import (
    AuthorizationLost,
    CallGone,
    InvalidCallState,
    Unsupported,
    VendorError,
    VendorRejected,
    VendorUnavailable,
)

LIMIT_EXCEEDED = "limit_exceeded"
KEY_REFUSED = frozenset({"access_token_invalid", "access_token_expired", "access_token_blocked"})
"""An expired session is "invalid"; only permanent keys expire by that name."""
_MAX_WORDS = 200
_SUPPORT = "Ask CallGear's support, with the time of the request."


class Details(Struct):
    """`error.data`."""

    mnemonic: str | None = None
    field: str | None = None
    params: Any = None
    metadata: Any = None


class Problem(Struct):
    """`error`."""

    code: int = 0
    message: str | None = None
    data: Details | None = None

    @property
    def details(self) -> Details:
        return self.data or Details()

    @property
    def mnemonic(self) -> str:
        return self.details.mnemonic or ""

    @property
    def limit_type(self) -> str:
        """Which limit is exceeded: `minute` or `day`."""
        params = self.details.params if isinstance(self.details.params, dict) else {}
        return "day" if "day" in str(params.get("limit_type", self.message)).lower() else "minute"


# mnemonic → the error, and what to do, where CallGear's own text doesn't say it.
_MEANINGS: Mapping[str, tuple[type[VendorError], str]] = {
    # Common for all methods.
    "invalid_request": (VendorRejected, ""),
    "parse_error": (VendorRejected, ""),
    "method_not_found": (VendorRejected, ""),
    "batch_opreations_not_supported": (VendorRejected, "Send one request at a time."),
    "notifications_not_supported": (VendorRejected, "Give the request an id."),
    "required_parameter_missed": (VendorRejected, ""),
    "invalid_parameter_value": (VendorRejected, ""),
    "unexpected_parameters": (VendorRejected, ""),
    "data_type_error": (VendorRejected, ""),
    "invalid_parameters_combination": (VendorRejected, ""),
    "character_encoding_not_allowed": (VendorRejected, ""),
    "access_token_expired": (AuthorizationLost, "Generate a new key in the user's settings."),
    "access_token_blocked": (AuthorizationLost, "Unblock the key in the user's settings, or generate a new one."),
    "access_token_invalid": (AuthorizationLost, "Give the account a key that exists, or a login and a password."),
    "auth_error": (AuthorizationLost, "Give the account the login and password of a user with access to the Call API."),
    LIMIT_EXCEEDED: (VendorUnavailable, ""),
    "component_disabled": (Unsupported, 'It is switched on in the client area, under "Rates and options".'),
    "ip_not_whitelisted": (
        VendorRejected,
        'Add this installation\'s address in the client area: "Account", "Call API", tab "IP addresses".',
    ),
    "account_inactive": (VendorRejected, _SUPPORT),
    "forbidden": (VendorRejected, "The user may lack access to the API, or what is set in the client area forbids it."),
    "internal_error": (VendorUnavailable, _SUPPORT),
    # Calls.
    "call_session_not_found": (CallGone, ""),
    "invalid_state": (InvalidCallState, ""),
    "leg_not_found": (InvalidCallState, "This leg has left the call."),
    "record_already_started": (InvalidCallState, ""),
    "record_already_stopped": (InvalidCallState, ""),
    "duplicate_tag": (InvalidCallState, "The call has this tag already."),
    "duplicate_contact": (InvalidCallState, "The caller is blocked already."),
    "tag_not_found": (VendorRejected, ""),
    "talk_option_not_found": (VendorRejected, "No talk option is set for this button."),
    "coach_not_found": (VendorRejected, "Name one, or set one in the client area."),
    "no_active_phone_number": (VendorRejected, "The employee may have no active number."),
    "tts_text_exceeded": (VendorRejected, ""),
    "media_file_not_found": (VendorRejected, ""),
    "virtual_phone_number_not_found": (VendorRejected, ""),
    "employee_not_found": (VendorRejected, ""),
    "scenario_not_found": (VendorRejected, ""),
    "own_virtual_phone_number_not_allowed": (VendorRejected, ""),
    "contact_in_blacklist": (VendorRejected, ""),
}
MNEMONICS = frozenset(_MEANINGS)
"""All of the document."""
_GROUPS: Mapping[int, type[VendorError]] = {
    -32603: VendorUnavailable,
    -32004: InvalidCallState,
    -32008: Unsupported,
    -32029: VendorUnavailable,
}


def error_of(problem: Problem, method: str, retry_after: float | None = None) -> VendorError:
    """What an error means; `retry_after` is when points come back, of a limit that is exceeded."""
    kind, advice = _MEANINGS.get(problem.mnemonic, (_GROUPS.get(problem.code, VendorRejected), ""))
    words = " ".join((problem.message or "").split())[:_MAX_WORDS].rstrip(".") or problem.mnemonic or "no words"
    about = f" ({problem.details.field[:80]})" if problem.details.field else ""
    text = " ".join(each for each in (f"CallGear says of {method}: {words}{about}.", advice) if each)
    if issubclass(kind, VendorRejected):
        return kind(text, status=problem.code, code=problem.mnemonic or None)
    if issubclass(kind, VendorUnavailable):
        return kind(text, retry_after=retry_after)
    return kind(text)
