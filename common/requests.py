"""What every HTTP request carries: an id that answers, logs and error reports share."""

import re
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from common.ids import new_uuid

_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id_from(given: str | None) -> str:
    """The caller's id where it is a plain one, else a new id."""
    return given if given and _ACCEPTABLE.fullmatch(given) else new_uuid().hex


class RequestIdMiddleware:
    """Puts `request.request_id` on the request, X-Request-ID on the response, and the id into the log context."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = request_id_from(request.headers.get("X-Request-ID"))
        request.request_id = request_id  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response
