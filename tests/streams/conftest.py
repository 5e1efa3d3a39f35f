"""Accounts whose vendors stream to a real `run_streams` process."""

import contextlib
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from cti.streams.models import Stream
from integrations import registry
from integrations.models import Extension, PbxAccount, VendorSubscription
from tenants.rls import as_owner, tenant_scope
from tests.connected import ANNA, Connected
from tests.servers import ROOT, Server, environment, wait_until
from tests.streams.adapters import VENDORS
from tests.streams.vendor import Answer, Line, Vendor
from tests.tenancy import make_company

SOON = 30.0
"""On a machine that is busy with other things, too."""


@dataclass(frozen=True)
class Streamed(Connected):
    """An account whose vendor streams; `name` is the vendor's name for it."""

    vendor: Vendor = field(kw_only=True)

    @property
    def name(self) -> str:
        return self.hook

    @property
    def line(self) -> Line:
        return self.vendor.lines[self.name]

    def send(self, payload: Any) -> None:
        self.vendor.send(self.name, payload)

    def reload(self) -> PbxAccount:
        with tenant_scope(self.tenant_id):
            return PbxAccount.objects.get(pk=self.account.pk)

    def stream(self) -> Stream:
        with tenant_scope(self.tenant_id):
            return Stream.objects.get(account_id=self.account.pk)

    def subscription(self) -> VendorSubscription:
        with tenant_scope(self.tenant_id):
            return VendorSubscription.objects.get(account_id=self.account.pk)

    def subscription_status(self) -> str | None:
        with tenant_scope(self.tenant_id):
            found = VendorSubscription.objects.filter(account_id=self.account.pk)
            return found.values_list("status", flat=True).first()

    def is_connected(self) -> bool:
        """Both say so: the vendor, and what is shown of the account."""
        return len(self.line.open) == 1 and self.subscription_status() == "active"

    def wait_until_connected(self, seconds: float = SOON) -> None:
        wait_until(self.is_connected, seconds, "the stream is connected")

    def wait_for(self, *types: str, seconds: float = SOON) -> None:
        """Until the log has exactly these events of calls."""

        def there() -> bool:
            return self.call_events() == list(types)

        try:
            wait_until(there, seconds, f"the log tells {types}")
        except AssertionError:
            assert self.call_events() == list(types)
            raise

    def call_events(self) -> list[str]:
        return [kind for kind in self.types() if kind.startswith("call.")]


Stream_ = Callable[..., Streamed]


@contextlib.contextmanager
def running_streams(
    log: Path, *arguments: str, extra: dict[str, str] | None = None, manage: str = "tests.streams.process"
) -> Iterator[Server]:
    """A `run_streams` process on the test database, by that module; it leaves by SIGTERM, within 10 s."""
    command = [sys.executable, "-m", manage, "run_streams", *arguments]
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(0, extra), stdout=out, stderr=out, process_group=0
        )
    server = Server(process, "", log)
    try:
        wait_until(lambda: b"streams_started" in log.read_bytes(), 30, f"run_streams runs; see {log}")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module", autouse=True)
def known_vendors() -> Iterator[None]:
    """For these tests alone: others count the vendors."""
    registry.ADAPTERS.update(VENDORS)
    yield
    for key in VENDORS:
        del registry.ADAPTERS[key]


@pytest.fixture(scope="session")
def vendor() -> Iterator[Vendor]:
    with Vendor().running() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def nobody_else(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Accounts that other tests have left would count, too, when processes share the streams out."""
    with django_db_blocker.unblock():
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT tenant_id FROM cti_stream")
            tenants = [tenant_id for (tenant_id,) in cursor.fetchall()]
        for tenant_id in tenants:
            with tenant_scope(tenant_id):
                Stream.objects.all().delete()


@pytest.fixture(scope="module")
def streams(
    nobody_else: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A process that the tests of a module share."""
    with django_db_blocker.unblock(), running_streams(tmp_path_factory.mktemp("streams") / "streams.log") as server:
        yield server


@pytest.fixture
def connect(committed_db: None, vendor: Vendor) -> Iterator[Stream_]:
    """Makes accounts; they are gone afterwards, so that no process goes on trying to connect them."""
    made: list[Streamed] = []

    def make(key: str = "ssestreamer", *, vendor: Vendor = vendor, answer: Answer | None = None) -> Streamed:
        name = secrets.token_hex(8)
        vendor.lines[name].answer = answer
        made.append(_make(vendor, name, key))
        return made[-1]

    yield make
    for each in made:
        with tenant_scope(each.tenant_id):
            PbxAccount.objects.filter(pk=each.account.pk).delete()


def _make(vendor: Vendor, name: str, key: str) -> Streamed:
    company = make_company()
    with tenant_scope(company.tenant.id):
        account = PbxAccount.objects.create(
            tenant=company.tenant,
            vendor=key,
            name="Head office",
            base_url=vendor.url(name),
            status=PbxAccount.Status.ACTIVE,
        )
        Extension.objects.create(
            tenant=company.tenant, account=account, vendor_extension_id=ANNA, number="1001", name="Anna", type="user"
        )
    return Streamed(company, account, name, vendor=vendor)
