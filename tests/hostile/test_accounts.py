"""An account whose PBX answers nonsense says so in words, is looked after again later, and still takes in what it is told."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from pytest_django.fixtures import Settings

from common import http
from common.times import utc_now
from integrations import upkeep
from integrations.accounts import create_account
from integrations.models import OAuthGrant, PbxAccount, Upkeep
from integrations.registry import ADAPTERS
from tenants.rls import tenant_scope
from tests.connected import Connected
from tests.hostile.misbehaviours import MISBEHAVIOURS, PAGE
from tests.hostile.server import HostileServer, Misbehaviour, answer, hostile_server
from tests.hostile.test_storing import GOOD, incoming
from tests.ingest.station import station
from tests.servers import url_of_test_database
from tests.tenancy import make_company

ROUNDS = 3
LATER = timedelta(hours=2)
NUL = Misbehaviour((answer(b'{"message":"a\\u0000b","error":"\\u0000","field":[{"description":"a\\u0000b"}]}', 400),))
SENT = {
    "words with NUL": NUL,
    "a page with NUL": Misbehaviour((answer(PAGE.replace(b"Bad", b"B\0d"), 502, "text/html"),)),
    **{
        name: MISBEHAVIOURS[name]
        for name in (
            "a page with status 200",
            "a page with status 401",
            "JSON: records of nothing",
            "Retry-After huge with 503",
            "silence",
            "a reset",
        )
    },
}
CREDENTIALS = {
    "kwebbl": {"client_id": "id", "client_secret": "secret"},
    "ringcentral": {"client_id": "id", "client_secret": "secret", "jwt": "a.b.c"},
    "dstny": {"domain": "acme.example", "user": "service", "ticket": "ticket"},
    "callgear": {"login": "iris", "password": "secret"},
    "eq": {"auth_key": "key"},
}


@contextmanager
def server_in_a_thread(misbehaviour: Misbehaviour) -> Iterator[HostileServer]:
    """For synchronous tests."""
    ready, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    found: list[HostileServer] = []

    async def serve() -> None:
        async with hostile_server(misbehaviour) as server:
            found.append(server)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    yield found[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


@pytest.fixture
def server(committed_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileServer]:
    settings.DATABASE_URL = url_of_test_database()
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.4)
    with server_in_a_thread(NUL) as running:
        yield running


def connect(vendor: str, url: str) -> Connected:
    company, now = make_company(), utc_now()
    account = create_account(
        company.tenant.pk, vendor=vendor, name="PBX", base_url=url, credentials=CREDENTIALS[vendor]
    )
    with tenant_scope(company.tenant.pk):
        if vendor == "kwebbl":  # as if somebody had authorized it
            tokens = {"access_token": "access", "refresh_token": "refresh"}
            OAuthGrant.objects.create(
                account=account, tenant=company.tenant, tokens=tokens, refreshed_at=now - LATER, expires_at=now
            )
            for kind in (Upkeep.Kind.REFRESH_TOKEN, Upkeep.Kind.SUBSCRIPTIONS, Upkeep.Kind.DIRECTORY):
                Upkeep.objects.create(tenant=company.tenant, account=account, kind=kind, due_at=now)
        PbxAccount.objects.filter(pk=account.pk).update(status=PbxAccount.Status.CONNECTING)
    return Connected(company, account, "")


def rows_of(connected: Connected) -> list[Upkeep]:
    with tenant_scope(connected.tenant_id):
        return list(Upkeep.objects.filter(account=connected.account))


def keep_up(connected: Connected, now: datetime) -> None:
    for row in rows_of(connected):
        upkeep.run(connected.tenant_id, row.pk, clock=lambda: now)


@pytest.mark.parametrize("name", SENT)
@pytest.mark.parametrize("vendor", ADAPTERS)
def test_the_account_says_what_is_wrong_and_goes_on(server: HostileServer, vendor: str, name: str) -> None:
    server.misbehaviour = SENT[name]
    connected, now = connect(vendor, server.url), utc_now()
    for number in range(ROUNDS):
        keep_up(connected, now + number * LATER)
    failed = [row for row in rows_of(connected) if row.attempts]
    assert all(row.attempts == ROUNDS and row.last_error and row.leased_until is None for row in failed)
    assert all(now < row.due_at <= now + ROUNDS * LATER for row in failed)
    with tenant_scope(connected.tenant_id):
        account = PbxAccount.objects.get(pk=connected.account.pk)
    assert (account.status, account.status_detail in {row.last_error for row in failed}) == ("degraded", True)
    _deliver(connected, vendor)
    assert connected.types()[-2:] == ["call.originated", "call.delivered"]


@async_to_sync
async def _deliver(connected: Connected, vendor: str) -> None:
    query = {"user": "anna"} if vendor == "dstny" else {}
    async with station() as made:
        await made.store(connected.tenant_id, [incoming(vendor, connected, GOOD[vendor], query, utc_now())])
