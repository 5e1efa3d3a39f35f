"""Whose hook a token is: looked up once for many, again every few seconds, and forgotten when it is deleted."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import Settings

from cti.events.pool import make_pool
from cti.ingest.routes import REFRESH_SECONDS, REMEMBERED_SECONDS, Route, Routes
from integrations.models import VendorSubscription
from tenants.rls import tenant_scope
from tests.connected import Connected, connect_account
from tests.servers import url_of_test_database


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def test_database(committed_db: None, settings: Settings) -> None:
    """For the connections that aren't Django's."""
    settings.DATABASE_URL = url_of_test_database()


def delete_hook(connected: Connected) -> None:
    with tenant_scope(connected.tenant_id):
        VendorSubscription.objects.all().delete()


async def test_one_lookup_serves_all_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = await sync_to_async(connect_account)()
    token = connected.hook.rpartition("/")[2]
    async with make_pool(1) as pool:
        routes = Routes(pool)
        found = await asyncio.gather(*(routes.find(token) for _ in range(50)))
        assert pool.get_stats()["requests_num"] == 1
        await routes.find(token)
        assert pool.get_stats()["requests_num"] == 1
    assert {route.account_id for route in found if route} == {connected.account.id}
    assert len({id(route) for route in found}) == 1


async def test_hook_in_use_is_looked_up_in_time_and_forgotten_when_it_is_deleted() -> None:
    connected = await sync_to_async(connect_account)()
    token, clock = connected.hook.rpartition("/")[2], Clock()

    async def looked_up_again(routes: Routes, than: Route | None) -> Route | None:
        async with asyncio.timeout(10):
            while (route := await routes.find(token)) is than:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        return route

    async with make_pool(1) as pool:
        routes = Routes(pool, clock)
        first = await routes.find(token)
        clock.now += REFRESH_SECONDS
        second = await looked_up_again(routes, than=first)
        assert second is not None
        assert second.looked_up_at == clock.now
        await sync_to_async(delete_hook)(connected)
        clock.now += REFRESH_SECONDS
        assert await looked_up_again(routes, than=second) is None


async def test_deleted_hook_is_unknown_after_the_time_that_it_is_remembered() -> None:
    connected = await sync_to_async(connect_account)()
    token, clock = connected.hook.rpartition("/")[2], Clock()
    async with make_pool(1) as pool:
        routes = Routes(pool, clock)
        assert await routes.find(token) is not None
        await sync_to_async(delete_hook)(connected)
        clock.now += REMEMBERED_SECONDS
        assert await routes.find(token) is None
        assert await routes.find("x" * 43) is None
