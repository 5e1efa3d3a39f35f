"""The decorator that every `post` of the API carries."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from cti.api.views import ApiView
from cti.control.idempotency import MAX_KEY, Answer, fingerprint, once

Post = Callable[..., Response]
_KEPT_HEADERS = ("ETag", "Location", "Retry-After")


def idempotent(post: Post) -> Callable[..., HttpResponseBase]:
    """Honours Idempotency-Key: errors are answers too, so they are made here and kept like any other."""

    @functools.wraps(post)
    def once_only(view: ApiView, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return post(view, request, *args, **kwargs)
        if not 0 < len(key) <= MAX_KEY:
            raise ValidationError({"Idempotency-Key": [f"Between 1 and {MAX_KEY} characters."]})

        def work() -> Answer:
            try:
                response = post(view, request, *args, **kwargs)
            except Exception as error:  # the same hands that would get it one level up
                response = view.handle_exception(error)
            return _answer(response)

        answer, again = once(view.principal.tenant_id, key, _fingerprint(view, request), work)
        return _response(answer, again)

    once_only.idempotent = True  # type: ignore[attr-defined]  # a test asks every route for it
    return once_only


def _fingerprint(view: ApiView, request: Request) -> bytes:
    who, where = view.principal.actor, request.get_full_path()
    return fingerprint(who.encode(), b"POST", where.encode(), request.body)


def _answer(response: Response) -> Answer:
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    headers["Content-Type"] = response.content_type or "application/json"
    return Answer(response.status_code, headers, JSONRenderer().render(response.data).decode())


def _response(answer: Answer, again: bool) -> HttpResponse:
    headers = dict(answer.headers) | ({"Idempotent-Replayed": "true"} if again else {})
    return HttpResponse(answer.body, status=answer.status, headers=headers)
