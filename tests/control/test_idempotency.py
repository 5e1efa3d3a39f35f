"""Idempotency-Key: the work is done once, however many ask, and in whatever order they come."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from uuid import UUID

import pytest
from django.db import connection

from common.times import utc_now
from cti.control.errors import IdempotencyConflict
from cti.control.idempotency import KEPT, Answer, fingerprint, once
from cti.control.models import IdempotentRequest
from tenants.rls import tenant_scope
from tests.tenancy import make_company

SAME, OTHER = fingerprint(b"body"), fingerprint(b"another")


@pytest.fixture
def tenant_id(committed_db: None) -> UUID:
    return make_company().tenant.id


def answering(status: int, done: list[int]) -> Answer:
    done.append(status)
    return Answer(status, {"ETag": '"1"'}, f'{{"number":{len(done)}}}')


def test_the_first_answer_is_answered_again(tenant_id: UUID) -> None:
    done: list[int] = []
    first = once(tenant_id, "key", SAME, lambda: answering(202, done))
    again = once(tenant_id, "key", SAME, lambda: answering(202, done))
    assert (first, again) == ((Answer(202, {"ETag": '"1"'}, '{"number":1}'), False), (first[0], True))
    assert done == [202]


def test_what_is_kept_cannot_be_read_in_the_database(tenant_id: UUID) -> None:
    once(tenant_id, "key", SAME, lambda: Answer(200, {}, '{"ticket":"vendors-secret"}'))
    with tenant_scope(tenant_id), connection.cursor() as cursor:
        cursor.execute("SELECT body FROM cti_idempotentrequest")
        assert "vendors-secret" not in cursor.fetchone()[0]
    assert once(tenant_id, "key", SAME, lambda: answering(200, []))[0].body == '{"ticket":"vendors-secret"}'


def test_the_key_of_another_request_is_refused(tenant_id: UUID) -> None:
    once(tenant_id, "key", SAME, lambda: answering(202, []))
    with pytest.raises(IdempotencyConflict, match="another request"):
        once(tenant_id, "key", OTHER, lambda: answering(202, []))


@pytest.mark.parametrize(("status", "times"), [(400, 1), (409, 1), (502, 1), (504, 1), (500, 2), (503, 2), (429, 2)])
def test_an_answer_after_which_nothing_was_done_gives_the_key_back(tenant_id: UUID, status: int, times: int) -> None:
    done: list[int] = []
    for _ in range(2):
        once(tenant_id, "key", SAME, lambda: answering(status, done))
    assert len(done) == times


def test_an_exception_gives_the_key_back(tenant_id: UUID) -> None:
    def fail() -> Answer:
        raise RuntimeError("before anything was done")

    with pytest.raises(RuntimeError):
        once(tenant_id, "key", SAME, fail)
    assert once(tenant_id, "key", SAME, lambda: answering(202, []))[1] is False


def test_a_duplicate_waits_for_the_first_answer(tenant_id: UUID) -> None:
    begun, release, done = Event(), Event(), list[int]()

    def slowly() -> Answer:
        begun.set()
        assert release.wait(10)
        return answering(202, done)

    def ask() -> tuple[Answer, bool]:
        try:
            return once(tenant_id, "key", SAME, slowly)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(ask)
        assert begun.wait(10)
        others = [threads.submit(ask) for _ in range(3)]
        release.set()
        answers = [each.result(20) for each in (first, *others)]
    assert (len(done), len({answer.body for answer, _ in answers})) == (1, 1)
    assert sorted(again for _, again in answers) == [False, True, True, True]


def test_a_first_request_without_an_answer_is_told_as_a_conflict(tenant_id: UUID) -> None:
    with tenant_scope(tenant_id):
        IdempotentRequest.objects.create(tenant_id=tenant_id, key="key", fingerprint=SAME)
    with pytest.raises(IdempotencyConflict, match="no answer yet"):
        once(tenant_id, "key", SAME, lambda: answering(202, []), wait=0.01)


def test_a_key_is_free_again_after_a_day(tenant_id: UUID) -> None:
    long_ago = utc_now() - KEPT - timedelta(minutes=1)
    with tenant_scope(tenant_id):
        IdempotentRequest.objects.create(tenant_id=tenant_id, key="key", fingerprint=OTHER, created_at=long_ago)
    assert once(tenant_id, "key", SAME, lambda: answering(202, []))[1] is False
