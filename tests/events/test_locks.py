"""The log's head is locked before any other lock: who changes an account and who takes events in never wait for each other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection

from common.http import HttpClient
from common.ids import new_uuid
from common.times import utc_now
from cti.events.log import lock_head
from cti.presence.known import keep_presence
from cti.presence.lines import run
from cti.queues.known import keep_agent
from cti.streams.health import note_connected, note_failed
from cti.streams.models import Stream
from integrations import schedule, upkeep
from integrations.accounts import delete_account, update_account
from integrations.adapters import adapter_account
from integrations.contract.errors import AuthorizationLost
from integrations.contract.things import QueueAgent
from integrations.devices import sync_devices
from integrations.directory import sync_directory
from integrations.locking import lock_grant
from integrations.models import PbxAccount, QueueMember, Upkeep
from tenants.rls import tenant_scope
from tests.api.anything import Anything
from tests.api.conftest import anything
from tests.connected import Connected, connect_account
from tests.everything import EverythingPbx
from tests.servers import wait_until

__all__ = ["anything"]
ALICE, BOB, HELP = "a" * 32, "c" * 32, "q" * 32
SOON = 30.0
Change = Callable[[PbxAccount], object]


@pytest.fixture(autouse=True)
def streaming(monkeypatch: pytest.MonkeyPatch) -> None:
    """The PBX that can do everything streams, too; and no worker is woken."""
    monkeypatch.setattr(EverythingPbx, "wants_stream", lambda _: True)
    monkeypatch.setattr(EverythingPbx, "stream_transport", "poll", raising=False)
    monkeypatch.setattr(schedule, "wake", lambda *_: None)


def stream_connects(account: PbxAccount) -> None:
    adapter = EverythingPbx(adapter_account(account, scopes=None), HttpClient(allowed_networks=()))
    note_connected(account.tenant_id, account.pk, take_stream(account), adapter, gap=True)


def stream_fails(account: PbxAccount) -> None:
    holder = take_stream(account)
    note_failed(account.tenant_id, account.pk, holder, "No.", attempts=3, wait=schedule.LEASE)


def take_stream(account: PbxAccount) -> UUID:
    holder = new_uuid()
    with tenant_scope(account.tenant_id):
        Stream.objects.filter(account=account).update(holder=holder)
    return holder


def upkeep_fails(account: PbxAccount) -> None:
    with tenant_scope(account.tenant_id):
        row = Upkeep.objects.create(tenant_id=account.tenant_id, account=account, kind="lost", due_at=utc_now())
    upkeep.run(account.tenant_id, row.pk)


def lose(*_: object) -> None:
    raise AuthorizationLost("Authorize it again.")


def is_given_another_password(account: PbxAccount) -> None:
    update_account(account.tenant_id, account.pk, credentials={"password": "another"})


CHANGES: dict[str, tuple[Change, list[str], int]] = {
    "stream connects": (stream_connects, ["subscription"], 1),
    "stream fails": (stream_fails, ["subscription", "account"], 1),
    "upkeep fails": (upkeep_fails, ["subscription", "account"], 1),
    "another password": (is_given_another_password, ["account"], 2),
    "directory": (lambda account: sync_directory(account.tenant_id, account.pk, now=utc_now()), [], 2),
    "devices": (lambda account: sync_devices(account.tenant_id, account.pk, now=utc_now()), [], 1),
}
"""What happens to an account; which statuses it tells, and how the directory's version grows by it and by an agent who joins."""


@pytest.mark.parametrize(("change", "told", "growth"), CHANGES.values(), ids=CHANGES)
def test_who_changes_an_account_waits_for_the_log_first(
    anything: Anything, monkeypatch: pytest.MonkeyPatch, change: Change, told: list[str], growth: int
) -> None:
    monkeypatch.setitem(upkeep.JOBS, "lost", lose)
    anything.memory.agents = {BOB: "available"}
    before = anything.account.directory_version
    meanwhile(anything, change)
    connected = Connected(anything.company, anything.account, "")
    assert connected.types() == [f"{each}.status_changed" for each in told]
    with tenant_scope(connected.tenant_id):
        assert QueueMember.objects.get(vendor_extension_id=BOB).state == "available"
        assert PbxAccount.objects.get().directory_version == before + growth


def test_who_deletes_an_account_waits_for_the_log_first(anything: Anything) -> None:
    meanwhile(anything, lambda account: delete_account(account.tenant_id, account.pk))
    with tenant_scope(anything.company.tenant.id):
        assert not PbxAccount.objects.exists()


def test_a_refresh_keeps_nobody_from_the_log(committed_db: None) -> None:
    """It has the grant until the vendor answers; who changes the account waits for it without the log."""
    connected = connect_account()
    credentials = {"client_id": "another", "client_secret": "secret"}

    def change(account: PbxAccount) -> None:
        update_account(account.tenant_id, account.pk, credentials=credentials)

    with ThreadPoolExecutor(1) as pool:
        with tenant_scope(connected.tenant_id):
            assert lock_grant(connected.account.pk)
            changing = pool.submit(alone, change, connected.account)
            wait_until(is_waited_for, SOON, "the change waits for the grant")
            assert lock_head(connected.tenant_id).sequence == 0
        changing.result(SOON)
    assert connected.types() == ["account.status_changed"]


def meanwhile(anything: Anything, change: Change) -> None:
    """As the ingest, has the log, then two lines, then the account, while the change is under way."""
    account, now = anything.account, utc_now()
    with ThreadPoolExecutor(1) as pool:
        with tenant_scope(account.tenant_id):
            lock_head(account.tenant_id)
            run(keep_presence(account.pk, BOB, {"note": "in"}, now))
            changing = pool.submit(alone, change, account)
            wait_until(is_waited_for, SOON, "the change waits")
            run(keep_presence(account.pk, ALICE, {"note": "in"}, now))
            joined = keep_agent(account.pk, HELP, QueueAgent(BOB, "Bob", "available"), now)
            assert joined
            run(joined)
        changing.result(SOON)


def alone(change: Change, account: PbxAccount) -> None:
    """On a connection of its own."""
    try:
        change(account)
    finally:
        connection.close()


def is_waited_for() -> bool:
    """Whether somebody waits for this connection's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        found: bool = cursor.fetchone()[0]
    return found
