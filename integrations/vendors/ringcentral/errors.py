"""RingCentral's errors as errors of the contract ("Error codes" in the guide).

A body is `{errorCode, message, errors: [{errorCode, message, parameterName}]}`, with the first error at the top or only in the
list; the token endpoints answer RFC 6749's `error` and `error_description` too. The code counts, never the message.
"""

import msgspec
from msgspec import Struct, field

from common.http import HttpResponse
from integrations.contract.errors import (
    AuthorizationLost,
    CallGone,
    InvalidCallState,
    Unsupported,
    VendorError,
    VendorRejected,
    VendorUnavailable,
)
from integrations.contract.transport import first_words, retry_after

_UNAUTHORIZED, _NOT_FOUND, _CONFLICT, _TOO_MANY, _SERVER_ERROR = 401, 404, 409, 429, 500
PAUSE_S = 30.0
""" "If Retry-After is not returned, the original request should be retried in 30 seconds or later."""
_MAX_WORDS = 300

# Codes that say what the application, the user, or the account isn't allowed, or hasn't got.
_NOT_ALLOWED = {
    "CMN-109": "The account doesn't have this feature.",
    "CMN-202": "RingCentral doesn't support this operation.",
    "CMN-401": "The application lacks a permission: add it in RingCentral's developer console and authorize again.",
    "CMN-403": "RingCentral doesn't have this for extensions of this type.",
}
# Codes that are refusals, and what to do about them.
_ADVICE = {
    "CMN-402": "This takes an administrator: authorize the account as one.",
    "CMN-404": "This takes a user who may touch other extensions: authorize the account as an administrator.",
    "CMN-408": "The user lacks a permission: change their role in RingCentral, or authorize as an administrator.",
    "OAU-146": "Check the client id and secret.",
    "SUB-405": "A user may subscribe to their own messages alone.",
    "SUB-406": "The account is another one.",
    "SUB-505": "Remove subscriptions that nobody uses any more.",
    "SUB-508": "RingCentral doesn't know one of the events that were asked for.",
    "SUB-525": "RingCentral must reach Patchbay's address from outside, over HTTPS, and be answered within 3 seconds.",
}
_GONE_PARAMETERS = {"telephonysessionid", "sessionid", "partyid", "session", "party"}


class ErrorDetail(Struct, rename="camel"):
    """One error of an answer."""

    error_code: str = ""
    message: str = ""
    parameter_name: str | None = None


class Problem(ErrorDetail, rename="camel"):
    """The body of an error."""

    errors: list[ErrorDetail] = field(default_factory=list)
    error: str = msgspec.field(default="", name="error")
    error_description: str = msgspec.field(default="", name="error_description")

    @property
    def first(self) -> ErrorDetail:
        """The list's, which names the parameter, before the one at the top."""
        return self.errors[0] if self.errors else self


def error_of(response: HttpResponse, *, about_call: bool = False) -> VendorError:
    """What an answer that is no success means. `about_call`: its path names a call, which may be gone."""
    problem, status = _problem(response), response.status
    detail = problem.first
    code = (detail.error_code or problem.error_code or problem.error)[:_MAX_WORDS]
    words = (detail.message or problem.message or problem.error_description or first_words(response))[:_MAX_WORDS]
    shown = f"{words} ({code})" if code else words
    if status == _TOO_MANY:
        return VendorUnavailable(
            f"RingCentral asks us to slow down: {shown}", retry_after=retry_after(response) or PAUSE_S
        )
    if code in _NOT_ALLOWED:
        return Unsupported(f"{_NOT_ALLOWED[code]} RingCentral says: {shown}")
    if status >= _SERVER_ERROR:
        return VendorUnavailable(
            f"RingCentral has a problem of its own ({status}): {shown}", retry_after=retry_after(response)
        )
    if status == _UNAUTHORIZED and not _is_page(response):
        return AuthorizationLost(f"RingCentral refused a fresh access token: {shown}. Authorize the account again.")
    if about_call and _is_gone(response, detail):
        return CallGone(f"RingCentral doesn't know this call any more: {shown}", status=status, code=code)
    return _refusal(status, code, shown, about_call=about_call)


def _refusal(status: int, code: str, shown: str, *, about_call: bool) -> VendorError:
    if about_call and (status == _CONFLICT or code.startswith("TAS-")):
        return InvalidCallState(f"RingCentral can't do that now: {shown}")
    advice = f". {_ADVICE[code]}" if code in _ADVICE else ""
    return VendorRejected(f"RingCentral refused: {shown}{advice}", status=status, code=code or None)


def _is_gone(response: HttpResponse, detail: ErrorDetail) -> bool:
    """CMN-102 comes with 404 or 400; it may also be about another parameter, such as a device."""
    if _is_page(response):
        return False
    if detail.error_code == "CMN-102" and detail.parameter_name is not None:
        return detail.parameter_name.lower() in _GONE_PARAMETERS
    return response.status == _NOT_FOUND


def _is_page(response: HttpResponse) -> bool:
    """A proxy's, or a wrong address's: it knows nothing of tokens and calls."""
    return response.body.lstrip().startswith(b"<")


def _problem(response: HttpResponse) -> Problem:
    try:
        return msgspec.json.decode(response.body, type=Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Problem()
