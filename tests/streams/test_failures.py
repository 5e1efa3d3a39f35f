"""A failure of which nothing new is to be shown is written down with others, and quickly; all else takes the longer way."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import Settings

from common.times import utc_now
from cti.events.pool import make_pool
from cti.streams.health import note_failed
from cti.streams.leases import Failed, Held, Leases
from cti.streams.models import Stream
from integrations.models import PbxAccount
from integrations.status import set_status
from tenants.rls import tenant_scope
from tests.servers import url_of_test_database
from tests.streams.conftest import Stream_, Streamed

Failing = Callable[..., Awaitable[Streamed]]
WAIT = timedelta(seconds=90)
AWAY, BUSY = "The PBX can't be reached.", "The PBX is busy."


@pytest.fixture
async def leases(committed_db: None, settings: Settings) -> AsyncIterator[Leases]:
    settings.DATABASE_URL = url_of_test_database()
    pool = make_pool()
    await pool.open()
    yield Leases(pool)
    await pool.close()


@pytest.fixture
def failing(leases: Leases, connect: Stream_) -> Failing:
    """Makes an account whose stream this process has, and has failed before, with these words."""

    def make(*words: str) -> Streamed:
        streamed = connect()
        with tenant_scope(streamed.tenant_id):
            Stream.objects.filter(account=streamed.account).update(holder=leases.runner)
        for attempts, each in enumerate(words, 1):
            note_failed(
                streamed.tenant_id, streamed.account.pk, leases.runner, each, attempts=attempts, wait=timedelta()
            )
        return streamed

    return sync_to_async(make)


def failed(streamed: Streamed, words: str, attempts: int) -> Failed:
    return Failed(Held(streamed.tenant_id, streamed.account.pk, 1), words, attempts, WAIT)


async def test_what_is_shown_already_is_written_down_at_once(leases: Leases, failing: Failing) -> None:
    degraded, once = await failing(AWAY, AWAY, AWAY), await failing(BUSY)
    before = len(await sync_to_async(degraded.types)())
    again = [failed(degraded, AWAY, 4), failed(once, BUSY, 2)]
    assert await leases.note_failed_again(again) == dict.fromkeys(again, True)
    streams = [await sync_to_async(degraded.stream)(), await sync_to_async(once.stream)()]
    assert [(each.attempts, each.last_error, each.connected_at) for each in streams] == [
        (4, AWAY, None),
        (2, BUSY, None),
    ]
    soon = utc_now() + WAIT
    assert all(abs(each.due_at - soon) < timedelta(seconds=30) for each in streams)
    assert len(await sync_to_async(degraded.types)()) == before


@pytest.mark.parametrize(
    ("known", "words", "attempts"),
    [
        ((), AWAY, 1),
        ((AWAY,), BUSY, 2),
        ((AWAY, AWAY), AWAY, 3),
        ((AWAY, AWAY, AWAY), BUSY, 4),
    ],
    ids=["the first", "other words", "the one that degrades the account", "other words of a degraded account"],
)
async def test_what_is_news_is_left_to_be_told(
    leases: Leases, failing: Failing, known: tuple[str, ...], words: str, attempts: int
) -> None:
    streamed = await failing(*known)
    before = await sync_to_async(streamed.stream)()
    assert await leases.note_failed_again([failed(streamed, words, attempts)]) == {}
    after = await sync_to_async(streamed.stream)()
    assert (after.attempts, after.due_at, after.last_error) == (before.attempts, before.due_at, before.last_error)


async def test_an_account_that_is_about_to_connect_shows_the_words(leases: Leases, failing: Failing) -> None:
    """Somebody is watching."""
    streamed = await failing(AWAY)

    def connect_anew() -> None:
        with tenant_scope(streamed.tenant_id):
            set_status(streamed.account, PbxAccount.Status.CONNECTING)

    await sync_to_async(connect_anew)()
    assert await leases.note_failed_again([failed(streamed, AWAY, 2)]) == {}


async def test_a_stream_that_is_somebody_elses_stays_as_it_is(leases: Leases, failing: Failing) -> None:
    streamed = await failing(AWAY, AWAY, AWAY)
    other = Leases(leases._pool)
    assert await other.note_failed_again([failed(streamed, AWAY, 4)]) == {}
    assert (await sync_to_async(streamed.stream)()).attempts == 3


async def test_tenants_are_written_apart(leases: Leases, failing: Failing) -> None:
    """Whoever names another tenant's account changes nothing of it."""
    one, other = await failing(AWAY, AWAY, AWAY), await failing(AWAY, AWAY, AWAY)
    mixed_up = Failed(Held(one.tenant_id, other.account.pk, 1), AWAY, 4, WAIT)
    right = failed(other, AWAY, 5)
    assert await leases.note_failed_again([mixed_up]) == {}
    assert await leases.note_failed_again([failed(one, AWAY, 4), right]) == {failed(one, AWAY, 4): True, right: True}
    assert [(await sync_to_async(each.stream)()).attempts for each in (one, other)] == [4, 5]
