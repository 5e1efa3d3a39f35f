"""An EQ account from its key to its upkeep: what may be given, what it can do, and what is kept of its directory."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from cti.streams.models import Stream
from integrations.accounts import create_account
from integrations.contract.adapter import Account
from integrations.contract.capabilities import Capability
from integrations.contract.errors import AuthorizationLost, VendorRejected
from integrations.models import Extension, PbxAccount, Queue, VendorSubscription
from integrations.registry import capabilities_of
from integrations.validation import InvalidAccount, check_account
from integrations.vendors.eq.adapter import EqAdapter
from tenants.rls import tenant_scope
from tests.integrations.conftest import reload, run_upkeep
from tests.integrations.eq.fake import PROXY, faked
from tests.integrations.eq.live import BASE, COMPANY, EXTENSIONS, KEY, eq_of
from tests.sandbox_server import SandboxHandle
from tests.tenancy import Company


def wrong(credentials: dict[str, Any], settings: dict[str, Any] | None = None) -> dict[str, list[str]]:
    """What is said of these."""
    try:
        check_account(
            EqAdapter, name="x", base_url="http://pbx/eq/api/2.0", credentials=credentials, settings=settings or {}
        )
    except InvalidAccount as error:
        return error.errors
    return {}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"extensions": ["501", "502"], "poll_interval_ms": 1000},
        {"paths": {"parked_calls": "POST /parking"}, "verify_tls": False},
        {"agents": {"502": "2"}, "supervisor": "1", "pause_codes": ["6"], "missing_keys": []},
        {"recordings_path": "/monitor", "recordings_folder": "/srv/monitor"},
    ],
)
def test_what_may_be_set(options: dict[str, Any]) -> None:
    assert wrong({"auth_key": KEY}, options) == {}


@pytest.mark.parametrize(
    ("credentials", "options", "field"),
    [
        ({}, {}, "credentials.auth_key"),
        ({"auth_key": ""}, {}, "credentials.auth_key"),
        ({"auth_key": KEY}, {"extensions": ["Zeno"]}, "settings.extensions.0"),
        ({"auth_key": KEY}, {"extensions": 502}, "settings.extensions"),
        ({"auth_key": KEY}, {"poll_interval_ms": 10}, "settings.poll_interval_ms"),
        ({"auth_key": KEY}, {"paths": {"nothing": "/x"}}, "settings.paths"),
        ({"auth_key": KEY}, {"recordings_path": "http://elsewhere/"}, "settings.recordings_path"),
        ({"auth_key": KEY}, {"missing_keys": ["dnd"]}, "settings.missing_keys.0"),
    ],
)
def test_what_is_wrong_is_said(credentials: dict[str, Any], options: dict[str, Any], field: str) -> None:
    assert wrong(credentials, options).keys() == {field}


def test_capabilities_are_those_of_the_phones_and_the_server() -> None:
    def of(**settings: Any) -> frozenset[Capability]:
        return capabilities_of("eq", Account(id="acc_1", base_url="", settings=settings))

    assert EqAdapter.declared - of() == {Capability.RECORDING_FETCH}
    assert of(recordings_path="/monitor") == EqAdapter.declared
    by_keys = {"answer", "hold", "resume", "mute", "unmute", "dtmf"}
    assert {each.partition(".")[2] for each in of() - of(missing_keys=["answer", "hold", "mute", "dtmf"])} == by_keys
    assert of() - of(missing_keys=["mute"]) == {Capability.MUTE, Capability.UNMUTE}


async def test_the_check_asks_with_the_key(sandbox: SandboxHandle) -> None:
    async with eq_of(sandbox) as adapter:
        checked = await adapter.check()
        assert (checked.ok, checked.detail) == (True, "The API key is taken; 4 extensions are named in the settings")
        sandbox.set("connection", COMPANY, auth_key_valid=False)
        with pytest.raises(AuthorizationLost):
            await adapter.check()


async def test_a_wrong_address_is_noticed_by_the_check() -> None:
    async with faked({"GET /license": PROXY}) as (adapter, _):
        with pytest.raises(VendorRejected, match="can't be read"):
            await adapter.check()


def test_a_new_account_is_polled_and_listed(sandbox: SandboxHandle, company: Company, settings: Settings) -> None:
    settings.PATCHBAY_PUBLIC_URL = "http://127.0.0.1:9"
    made = create_account(
        company.tenant.pk,
        vendor="eq",
        name="Groningen",
        base_url=sandbox.url + BASE,
        credentials={"auth_key": KEY},
        settings={"extensions": EXTENSIONS},
    )
    run_upkeep(made)
    account = reload(made)
    assert (account.status, account.status_detail) == (PbxAccount.Status.ACTIVE, "")
    with tenant_scope(account.tenant_id):
        names = dict(Extension.objects.filter(account=account, type="user").values_list("number", "name"))
        queues = dict(Queue.objects.filter(account=account).values_list("vendor_queue_id", "name"))
        assert not VendorSubscription.objects.filter(account=account, transport="webhook").exists()
        assert Stream.objects.filter(account=account).count() == 1
    assert names == {"501": "Yara Dijkstra", "502": "Zeno Wiersma", "503": "Noor Hoekstra", "504": "Olaf Bos"}
    assert queues == {"601": "Support", "602": "Returns"}
