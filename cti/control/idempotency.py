"""Idempotency-Key: a request that comes again gets the first answer again, and nothing is done twice.

The unique row is the claim: whoever inserts it does the work, everybody else waits for its answer.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from time import monotonic, sleep
from uuid import UUID

from msgspec import Struct

from common.times import utc_now
from cti.control.errors import IdempotencyConflict, RequestInFlight
from cti.control.models import IdempotentRequest
from tenants.rls import tenant_scope

KEPT = timedelta(hours=24)
MAX_KEY = 255
WAIT_SECONDS = 10.0
_POLL_SECONDS = 0.05
_NOTHING_WAS_DONE = {429, 500, 503}
"""Answers after which the same request may be tried again in earnest. A 504 is none of them: its effect is unknown."""


class Answer(Struct, frozen=True):
    """An HTTP answer, as it is kept."""

    status: int
    headers: Mapping[str, str]
    body: str


def fingerprint(*parts: bytes) -> bytes:
    """What makes two requests the same: credential, method, address, body."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def once(
    tenant_id: UUID, key: str, print_: bytes, work: Callable[[], Answer], *, wait: float = WAIT_SECONDS
) -> tuple[Answer, bool]:
    """`work`'s answer and False for the first request with this key; the kept answer and True for the others.

    Raises IdempotencyConflict when the key belongs to another request, RequestInFlight when the first one hasn't answered
    within `wait` seconds. An exception out of `work` gives the key back.
    """
    request = _claim(tenant_id, key, print_)
    if request is None:
        return _kept_answer(tenant_id, key, print_, monotonic() + wait), True
    answer = None
    try:
        answer = work()
    finally:
        _settle(tenant_id, request, answer)
    return answer, False


def _claim(tenant_id: UUID, key: str, print_: bytes) -> IdempotentRequest | None:
    request = IdempotentRequest(tenant_id=tenant_id, key=key, fingerprint=print_)
    with tenant_scope(tenant_id):
        IdempotentRequest.objects.filter(key=key, created_at__lt=utc_now() - KEPT).delete()
        IdempotentRequest.objects.bulk_create([request], ignore_conflicts=True)
        return request if IdempotentRequest.objects.filter(pk=request.pk).exists() else None


def _kept_answer(tenant_id: UUID, key: str, print_: bytes, deadline: float) -> Answer:
    while True:
        with tenant_scope(tenant_id):
            request = IdempotentRequest.objects.filter(key=key).first()
        if request is None:
            raise RequestInFlight("The first request with this key failed before anything was done. Send it again.")
        if bytes(request.fingerprint) != print_:
            raise IdempotencyConflict("This key was used for another request.")
        if request.status is not None:
            return Answer(request.status, request.headers, request.body)
        if monotonic() >= deadline:
            raise RequestInFlight(
                "The first request with this key has no answer yet. Whether it took effect isn't known."
            )
        sleep(_POLL_SECONDS)


def _settle(tenant_id: UUID, request: IdempotentRequest, answer: Answer | None) -> None:
    with tenant_scope(tenant_id):
        kept = IdempotentRequest.objects.filter(pk=request.pk)
        if answer is None or answer.status in _NOTHING_WAS_DONE:
            kept.delete()
        else:
            kept.update(status=answer.status, headers=dict(answer.headers), body=answer.body)
