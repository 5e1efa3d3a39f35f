"""A call that RingCentral tells of by websocket, through the process that holds streams."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from cti.events.models import Event
from integrations.accounts import create_account, delete_account
from integrations.models import PbxAccount, VendorSubscription
from tenants.rls import tenant_scope
from tests.integrations.conftest import run_upkeep
from tests.sandbox.ringcentral.client import COMPANY, ROSA
from tests.sandbox_server import SandboxHandle
from tests.servers import wait_until
from tests.streams.conftest import running_streams
from tests.tenancy import Company

pytestmark = pytest.mark.slow
SOON = 20.0


@pytest.fixture
def account(sandbox: SandboxHandle, company: Company) -> Iterator[PbxAccount]:
    facts = sandbox.company(COMPANY)
    client = {name: facts["connection"][name] for name in ("client_id", "client_secret")}
    account = create_account(
        company.tenant.pk,
        vendor="ringcentral",
        name="Utrecht",
        base_url=sandbox.url + urlsplit(facts["base_url"]).path,
        credentials=client | {"jwt": facts["jwts"][ROSA]},
        settings={"transport": "websocket"},
    )
    run_upkeep(account)
    yield account
    delete_account(account.tenant_id, account.pk)


def told(account: PbxAccount) -> list[str]:
    """The types of the events of calls, as they were told."""
    with tenant_scope(account.tenant_id):
        events: list[dict[str, Any]] = [orjson.loads(each.body) for each in Event.objects.order_by("sequence")]
    return [each["type"] for each in events if each["type"].startswith("call.") and each["type"] != "call.updated"]


def wait_for(account: PbxAccount, kind: str) -> None:
    wait_until(lambda: kind in told(account), SOON, f"{kind} is told")


def test_call_goes_on_while_the_websocket_is_lost(sandbox: SandboxHandle, account: PbxAccount, tmp_path: Path) -> None:
    with running_streams(tmp_path / "streams.log"):
        wait_until(lambda: bool(sandbox.company(COMPANY)["subscriptions"]), SOON, "it has subscribed")
        call_id = sandbox.ring_in("101", COMPANY)
        wait_for(account, "call.delivered")
        sandbox.act(call_id, "answer", COMPANY, extension="101")
        sandbox.control("POST", f"/companies/{COMPANY}/vendor/drop-websockets")
        sandbox.act(call_id, "hold", COMPANY, extension="101")
        wait_for(account, "call.held")
        sandbox.act(call_id, "hangup", COMPANY)
        wait_for(account, "call.cleared")
    assert told(account) == ["call.originated", "call.delivered", "call.established", "call.held", "call.cleared"]
    with tenant_scope(account.tenant_id):
        row = VendorSubscription.objects.get(account=account)
    assert (row.transport, row.last_error) == ("websocket", "")
