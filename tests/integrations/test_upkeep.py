"""Upkeep: due, leased, run, due again; and what it makes of the account's status."""

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from celery import current_app
from django.db import connection, transaction

from common.times import utc_now
from integrations import schedule, tasks, upkeep
from integrations.models import PbxAccount, Upkeep, VendorSubscription
from integrations.schedule import LEASE, backoff, due, finish, kinds_of, lease, make_due
from tenants.rls import tenant_scope
from tests.integrations.conftest import Connect, authorize, reload, run_upkeep
from tests.sandbox_server import SandboxHandle
from tests.servers import wait_until

Kind = Upkeep.Kind
Status = PbxAccount.Status
REAL_WAKE = schedule.wake


def row_of(account: PbxAccount, kind: str) -> Upkeep:
    with tenant_scope(account.tenant_id):
        return Upkeep.objects.get(account=account, kind=kind)


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def test_each_kind_comes_round_in_its_own_time(connect: Connect) -> None:
    account, now = connect(), utc_now()
    run_upkeep(account, clock=at(now))
    waits = {kind: row_of(account, kind).due_at - now for kind in kinds_of("kwebbl")}
    assert waits[Kind.SUBSCRIPTIONS] == timedelta(minutes=5)
    assert waits[Kind.DIRECTORY] == timedelta(hours=1)
    assert timedelta(seconds=440) < waits[Kind.REFRESH_TOKEN] <= timedelta(seconds=450)
    for kind in kinds_of("kwebbl"):
        row = row_of(account, kind)
        assert (row.attempts, row.last_error, row.leased_until, row.finished_at) == (0, "", None, now)


def test_due_rows_are_found_over_all_tenants(connect: Connect) -> None:
    account, other = connect(), connect()
    mine = {(account.tenant_id, row_of(each, kind).pk) for each in (account, other) for kind in kinds_of("kwebbl")}
    assert mine <= set(due(utc_now(), 10_000))
    run_upkeep(account)
    run_upkeep(other)
    assert not mine & set(due(utc_now(), 10_000))


def test_a_row_is_leased_to_one(connect: Connect) -> None:
    row, now = row_of(connect(), Kind.DIRECTORY), utc_now()
    gate = Barrier(8)

    def take(_: int) -> Upkeep | None:
        gate.wait(10)
        try:
            return lease(row.tenant_id, row.pk, now)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        taken = [each for each in pool.map(take, range(8)) if each is not None]
    assert len(taken) == 1
    assert (row.tenant_id, row.pk) not in due(now, 10_000)


def test_lease_of_the_dead_runs_out(connect: Connect) -> None:
    row, now = row_of(connect(), Kind.DIRECTORY), utc_now()
    dead = lease(row.tenant_id, row.pk, now)
    assert dead is not None
    assert lease(row.tenant_id, row.pk, now + LEASE) is None
    later = now + LEASE + timedelta(seconds=1)
    assert lease(row.tenant_id, row.pk, later) is not None
    with tenant_scope(row.tenant_id):
        assert finish(dead, due_at=later, now=later) is False


def test_work_that_is_asked_for_meanwhile_stays_due(connect: Connect) -> None:
    account, now = connect(), utc_now()
    row = row_of(account, Kind.DIRECTORY)
    leased = lease(row.tenant_id, row.pk, now)
    assert leased is not None
    with tenant_scope(row.tenant_id):
        make_due(account, now, [Kind.DIRECTORY])
        assert finish(leased, due_at=now + timedelta(hours=1), now=now)
    assert row_of(account, Kind.DIRECTORY).due_at == now


def test_what_is_not_due_is_left(connect: Connect) -> None:
    account = connect()
    run_upkeep(account)
    row = row_of(account, Kind.DIRECTORY)
    upkeep.run(account.tenant_id, row.pk)
    assert row_of(account, Kind.DIRECTORY).finished_at == row.finished_at


def test_failures_back_off_and_degrade(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    run_upkeep(account)
    assert reload(account).status == Status.ACTIVE
    sandbox.set("faults", server_errors=1)
    now, statuses, waits = utc_now(), [], []
    for _ in range(4):
        now = max(now, row_of(account, Kind.SUBSCRIPTIONS).due_at)
        upkeep.run(account.tenant_id, row_of(account, Kind.SUBSCRIPTIONS).pk, clock=at(now))
        row = row_of(account, Kind.SUBSCRIPTIONS)
        statuses.append(reload(account).status)
        waits.append((row.due_at - now).total_seconds())
    assert statuses == [Status.ACTIVE, Status.ACTIVE, Status.DEGRADED, Status.DEGRADED]
    assert [7 <= waits[0] <= 13, 15 <= waits[1] <= 25, 30 <= waits[2] <= 50, 60 <= waits[3] <= 100] == [True] * 4
    assert (row.attempts, "500" in row.last_error, "500" in reload(account).status_detail) == (4, True, True)

    sandbox.set("faults", server_errors=0)
    upkeep.run(account.tenant_id, row.pk, clock=at(row.due_at))
    assert (reload(account).status, reload(account).status_detail) == (Status.ACTIVE, "")
    assert row_of(account, Kind.SUBSCRIPTIONS).attempts == 0


def test_first_failure_while_connecting_is_told_at_once(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    sandbox.set("faults", server_errors=1)
    run_upkeep(account)
    assert reload(account).status == Status.CONNECTING
    assert "500" in reload(account).status_detail


def test_lost_authorization_and_back(connect: Connect, sandbox: SandboxHandle) -> None:
    account = connect()
    run_upkeep(account)
    sandbox.control("POST", "/companies/acme/tokens/revoke")
    upkeep.run(account.tenant_id, row_of(account, Kind.SUBSCRIPTIONS).pk, clock=at(utc_now() + timedelta(minutes=6)))
    assert reload(account).status == Status.REAUTHORIZATION_REQUIRED
    assert "Authorize the account again" in reload(account).status_detail

    account = authorize(sandbox, reload(account))
    assert account.status == Status.CONNECTING
    run_upkeep(account)
    assert reload(account).status == Status.ACTIVE
    assert len(sandbox.company()["subscriptions"]) == 1


def test_fault_of_our_own_is_noted_and_raised(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> datetime:
        raise ZeroDivisionError

    account = connect()
    monkeypatch.setitem(upkeep.JOBS, Kind.DIRECTORY, broken)
    row = row_of(account, Kind.DIRECTORY)
    with pytest.raises(ZeroDivisionError):
        upkeep.run(account.tenant_id, row.pk)
    assert "ZeroDivisionError" in row_of(account, Kind.DIRECTORY).last_error


def test_account_that_is_gone(connect: Connect) -> None:
    account = connect()
    row = row_of(account, Kind.DIRECTORY)
    with tenant_scope(account.tenant_id):
        account.delete()
    upkeep.run(row.tenant_id, row.pk)
    with tenant_scope(account.tenant_id):
        assert not Upkeep.objects.filter(account_id=row.account_id).exists()


def test_backoff_grows_to_a_limit_and_honours_the_vendor() -> None:
    assert backoff(0) <= timedelta(seconds=12.5)
    assert timedelta(seconds=15) <= backoff(1) <= timedelta(seconds=25)
    assert backoff(1000) <= timedelta(minutes=15) * 1.25
    assert backoff(0, asked_for=3600) == timedelta(hours=1)


def test_tasks_wake_and_run(connect: Connect, woken: list[Any]) -> None:
    account = connect()
    woken.clear()
    tasks.wake_upkeep()
    rows = {row_of(account, kind).pk for kind in kinds_of("kwebbl")}
    assert rows <= set(woken)
    for row in rows:
        tasks.run_upkeep(str(account.tenant_id), str(row))
    assert reload(account).status == Status.ACTIVE


def test_new_work_wakes_a_worker_after_the_commit(connect: Connect, woken: list[Any]) -> None:
    account = connect()
    woken.clear()
    with transaction.atomic(), tenant_scope(account.tenant_id):
        make_due(account, utc_now(), [Kind.DIRECTORY])
        assert woken == []
    assert woken == [row_of(account, Kind.DIRECTORY).pk]


def test_no_broker_is_no_reason_to_fail(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    account = connect()
    monkeypatch.setattr(schedule, "wake", REAL_WAKE)
    with current_app.connection_for_write("redis://127.0.0.1:9/0") as nowhere:
        monkeypatch.setattr(current_app, "send_task", _through(nowhere))
        began = utc_now()
        with tenant_scope(account.tenant_id):
            make_due(account, began, [Kind.DIRECTORY])
    assert row_of(account, Kind.DIRECTORY).due_at == began
    assert utc_now() - began < timedelta(seconds=5)


def _through(broker: Any) -> Callable[..., Any]:
    """`send_task` over this connection to a broker."""
    send = current_app.send_task
    return lambda *args, **options: send(*args, **options, connection=broker)


def test_subscription_of_a_removed_account_does_not_come_back(connect: Connect) -> None:
    account = connect()
    row = row_of(account, Kind.SUBSCRIPTIONS)
    with tenant_scope(account.tenant_id):
        account.delete()
    upkeep.run(row.tenant_id, row.pk)
    with tenant_scope(row.tenant_id):
        assert not VendorSubscription.objects.exists()


def test_jobs_that_finish_at_once_see_each_other_done(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    account, look = connect(), upkeep.activate_if_well
    monkeypatch.setattr(upkeep, "JOBS", dict.fromkeys(kinds_of("kwebbl"), lambda *_: utc_now() + timedelta(hours=1)))
    *done, first, last = (row_of(account, kind) for kind in kinds_of("kwebbl"))
    for row in done:
        upkeep.run(account.tenant_id, row.pk)

    def finish_last() -> None:
        with contextlib.closing(connection):
            upkeep.run(account.tenant_id, last.pk)

    def look_while_the_last_finishes(looked_at: PbxAccount) -> None:
        look(looked_at)
        monkeypatch.setattr(upkeep, "activate_if_well", look)
        finishing = pool.submit(finish_last)
        wait_until(lambda: finishing.done() or waits_for_us(), 30, "the last one has finished, or waits for the first")

    monkeypatch.setattr(upkeep, "activate_if_well", look_while_the_last_finishes)
    with ThreadPoolExecutor(1) as pool:
        upkeep.run(account.tenant_id, first.pk)
    assert reload(account).status == Status.ACTIVE


def waits_for_us() -> bool:
    """Whether another connection wants a lock that this transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return cursor.fetchone() is not None
