"""Every error code of the API: its status, and what it means to whoever gets it. docs/errors.md says the same at length."""

from msgspec import Struct


class ErrorCode(Struct, frozen=True):
    status: int
    title: str
    meaning: str


ERROR_CODES: dict[str, ErrorCode] = {
    "invalid": ErrorCode(
        400,
        "Not a valid request",
        "Something in the request can't be read or isn't allowed; `errors` says what, field by field.",
    ),
    "authentication_failed": ErrorCode(
        401, "Not authenticated", "No credential came along, or it isn't accepted (any more)."
    ),
    "permission_denied": ErrorCode(
        403, "Not allowed", "The credential is fine, but lacks the scope or the role for this."
    ),
    "not_found": ErrorCode(404, "Not found", "There is no such thing here. What belongs to others is never found."),
    "method_not_allowed": ErrorCode(
        405, "Method not allowed", "The address exists, but not for this HTTP method; `Allow` lists those it has."
    ),
    "not_acceptable": ErrorCode(406, "Not acceptable", "The API answers JSON, which `Accept` rules out."),
    "idempotency_conflict": ErrorCode(
        409,
        "Idempotency-Key conflict",
        "The key was used for another request, or the first request with it has no answer yet.",
    ),
    "invalid_call_state": ErrorCode(
        409, "Not possible in the call's state", "The call has ended, or its state doesn't allow this action now."
    ),
    "version_conflict": ErrorCode(
        412, "The call has changed", "`If-Match` names an older version. Read the call again, then decide."
    ),
    "too_large": ErrorCode(413, "Request too large", "The body is larger than the API takes."),
    "unsupported_media_type": ErrorCode(
        415, "Unsupported media type", "Bodies are JSON: send `Content-Type: application/json`."
    ),
    "range_not_satisfiable": ErrorCode(
        416, "No such part", "The recording ends before the part that `Range` names; `Content-Range` has its length."
    ),
    "reauthorization_required": ErrorCode(
        424,
        "The PBX account must be authorized again",
        "The vendor no longer accepts our authorization. An admin has to authorize the account again.",
    ),
    "rate_limited": ErrorCode(429, "Too many requests", "Wait as long as `Retry-After` says."),
    "internal_error": ErrorCode(
        500,
        "Our error",
        "Something went wrong on our side; nothing was sent to a vendor. The log has it under `request_id`.",
    ),
    "unsupported_by_vendor": ErrorCode(
        501,
        "Not supported by this PBX",
        "The vendor can't do this through its API, or this account lacks the permission. Retrying won't help.",
    ),
    "vendor_rejected": ErrorCode(
        502, "Refused by the vendor", "The vendor understood the request and refused it; `vendor` has its own words."
    ),
    "unavailable": ErrorCode(
        503, "Temporarily unavailable", "Our database doesn't answer. Nothing was done; try again after `Retry-After`."
    ),
    "vendor_unreachable": ErrorCode(
        503,
        "The vendor can't be reached",
        "The vendor is down or says to come back later. Nothing was done; try again after `Retry-After`.",
    ),
    "vendor_timeout": ErrorCode(
        504,
        "No answer from the vendor",
        "The request was sent, no answer came. Whether it took effect is unknown, so look before you repeat it.",
    ),
}
