"""Every error as RFC 9457 problem details: from exceptions of ours, of Django REST framework and of vendors to one form."""

from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import bad_request, server_error
from msgspec import Struct
from rest_framework import exceptions
from rest_framework.response import Response

from cti.api.errors import ERROR_CODES
from cti.control.errors import IdempotencyConflict, RequestInFlight, VersionConflict
from cti.live.stream import NotLive
from integrations.contract import errors as vendor_errors
from integrations.contract.media import RangeNotSatisfiable
from integrations.validation import InvalidAccount

CONTENT_TYPE = "application/problem+json"
_RETRY_AFTER = 5
"""Seconds, where nobody said better."""

# The first that fits counts, so what is more specific stands above what it specialises.
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (VersionConflict, "version_conflict"),
    (IdempotencyConflict, "idempotency_conflict"),
    (vendor_errors.AuthorizationLost, "reauthorization_required"),
    (RangeNotSatisfiable, "range_not_satisfiable"),
    (vendor_errors.CallGone, "invalid_call_state"),
    (vendor_errors.InvalidCallState, "invalid_call_state"),
    (vendor_errors.Unsupported, "unsupported_by_vendor"),
    (vendor_errors.VendorUnavailable, "vendor_unreachable"),
    (vendor_errors.VendorTimeout, "vendor_timeout"),
    (vendor_errors.VendorError, "vendor_rejected"),
    (exceptions.NotAuthenticated, "authentication_failed"),
    (exceptions.AuthenticationFailed, "authentication_failed"),
    (exceptions.PermissionDenied, "permission_denied"),
    (PermissionDenied, "permission_denied"),
    (exceptions.NotFound, "not_found"),
    (Http404, "not_found"),
    (exceptions.MethodNotAllowed, "method_not_allowed"),
    (exceptions.NotAcceptable, "not_acceptable"),
    (exceptions.UnsupportedMediaType, "unsupported_media_type"),
    (exceptions.Throttled, "rate_limited"),
    (exceptions.ParseError, "invalid"),
    (exceptions.ValidationError, "invalid"),
    (InvalidAccount, "invalid"),
    (RequestDataTooBig, "too_large"),
    (NotLive, "unavailable"),
    (OperationalError, "unavailable"),
    (InterfaceError, "unavailable"),
)

logger = structlog.get_logger(__name__)


class Problem(Struct, frozen=True):
    """An error, ready to be told."""

    code: str
    detail: str
    errors: dict[str, list[str]] | None = None
    vendor: dict[str, Any] | None = None
    retry_after: int | None = None

    @property
    def status(self) -> int:
        return ERROR_CODES[self.code].status

    def body(self, request_id: str) -> dict[str, Any]:
        return {
            "type": f"{settings.PATCHBAY_PUBLIC_URL}/api/docs/errors#{self.code}",
            "title": ERROR_CODES[self.code].title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": self.errors,
            "vendor": self.vendor,
            "request_id": request_id,
        }


def problem_of(error: Exception, request_id: str = "") -> tuple[int, dict[str, Any]]:
    """The status and the body that tell of an exception, for answers that aren't HTTP's own."""
    problem = describe(error)
    return problem.status, problem.body(request_id)


def describe(error: Exception) -> Problem:
    """What to tell of an exception. One that nobody foresaw is logged, and told without its details."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "internal_error")
    if code in {"internal_error", "unavailable"}:
        logger.error("request failed", exc_info=error)
        return Problem(code, ERROR_CODES[code].meaning, retry_after=_RETRY_AFTER if code == "unavailable" else None)
    if isinstance(error, InvalidAccount):
        return Problem(code, _in_words(error.errors), error.errors)
    if isinstance(error, exceptions.ValidationError):
        errors = _by_field(error.detail)
        return Problem(code, _in_words(errors), errors)
    return Problem(
        code,
        _detail(error) or ERROR_CODES[code].meaning,
        (error.errors or None) if isinstance(error, vendor_errors.VendorRejected) else None,
        vendor=_vendor(error) if isinstance(error, vendor_errors.VendorError) else None,
        retry_after=_retry_after(error),
    )


def problem_response(error: Exception, context: dict[str, Any]) -> Response:
    """Django REST framework's exception handler."""
    problem = describe(error)
    headers = {"Cache-Control": "no-store"}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]  # set by APIView.handle_exception
    if isinstance(error, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    if isinstance(error, RangeNotSatisfiable) and error.content_range:
        headers["Content-Range"] = error.content_range
    body = problem.body(getattr(context["request"], "request_id", ""))
    return Response(body, problem.status, headers=headers, content_type=CONTENT_TYPE)


def outside_views(status: int) -> Any:
    """A Django `handler400` or `handler500`: a problem under /api/, the page elsewhere."""
    code, page = (
        ("invalid", bad_request) if status == ERROR_CODES["invalid"].status else ("internal_error", server_error)
    )

    def handler(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return page(request, *args, **kwargs)
        body = Problem(code, ERROR_CODES[code].meaning).body(getattr(request, "request_id", ""))
        return JsonResponse(body, status=status, content_type=CONTENT_TYPE)

    return handler


def _detail(error: Exception) -> str:
    if isinstance(error, RequestDataTooBig):
        return ""  # Django's words are about its settings
    return str(error.detail) if isinstance(error, exceptions.APIException) else str(error)


def _vendor(error: vendor_errors.VendorError) -> dict[str, Any] | None:
    if not isinstance(error, vendor_errors.VendorRejected):
        return None
    return {"name": error.vendor, "status": error.status, "code": error.code, "message": error.message}


def _retry_after(error: Exception) -> int | None:
    if isinstance(error, vendor_errors.VendorUnavailable):
        return max(1, round(error.retry_after or _RETRY_AFTER))
    if isinstance(error, exceptions.Throttled):
        return max(1, round(getattr(error, "wait", None) or _RETRY_AFTER))
    return _RETRY_AFTER if isinstance(error, RequestInFlight) else None


def _by_field(detail: Any, path: str = "") -> dict[str, list[str]]:
    """DRF's nested details, flat: `{"legs": [{}, {"name": ["Too long."]}]}` → `{"legs.1.name": ["Too long."]}`."""
    flat: dict[str, list[str]] = {}
    if isinstance(detail, dict):
        for field, each in detail.items():
            flat |= _by_field(each, path if field == "non_field_errors" else f"{path}.{field}".strip("."))
    elif isinstance(detail, list) and any(isinstance(each, dict | list) for each in detail):
        flat |= _by_field({str(place): each for place, each in enumerate(detail)}, path)
    else:
        flat[path or "body"] = [str(each) for each in (detail if isinstance(detail, list) else [detail])]
    return flat


def _in_words(errors: dict[str, list[str]]) -> str:
    return " ".join(f"{field}: {' '.join(sentences)}" for field, sentences in errors.items())
