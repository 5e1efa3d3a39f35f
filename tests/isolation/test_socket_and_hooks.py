"""Invariant 4 beside the URL table: commands over the live socket, its filters and its credential, and vendors' hooks."""

import json
import urllib.request

import pytest

from cti.control.actions import ACTIONS
from cti.live.commands import STEAL, run_command
from cti.live.credentials import Credential
from cti.live.protocol import Command
from tenants.principals import CredentialRefused, Principal, authenticate_token
from tests.connected import kwebbl_event
from tests.isolation.cases import body_of
from tests.isolation.routes import fill
from tests.isolation.stock import Stock
from tests.servers import Server

pytestmark = pytest.mark.usefixtures("committed_db")


def principal_of(stock: Stock) -> Principal:
    return authenticate_token(stock.company.api_key, "192.0.2.1")


@pytest.mark.parametrize("action", [*ACTIONS, STEAL])
def test_command_reaches_nothing_foreign(action: str, able_outsider: Stock, able_victim: Stock) -> None:
    outsider, victim = able_outsider, able_victim
    template = body_of(action)
    params = fill(template, victim.ids)
    calls = [victim.ids["call"], outsider.ids["call"]] if params != template else [victim.ids["call"]]
    before = victim.contents()
    for call in calls:
        status, body = run_command(principal_of(outsider), Command("1", call, action, params))
        assert (status, body["code"]) == (404, "not_found")
        assert victim.secrets_in(json.dumps(body), besides=f"{call} {params}") == []
    assert victim.contents() == before


def test_socket_ends_when_its_credential_is_another_tenants(outsider: Stock, victim: Stock) -> None:
    """A session may be switched to another company while a page of the first is still open."""
    principals = [principal_of(outsider), principal_of(victim)]
    credential = Credential(lambda: principals.pop(0))
    with pytest.raises(CredentialRefused):
        credential.renew()
    assert credential.principal.tenant_id == outsider.company.tenant.id


def test_hook_tells_of_its_own_tenants_calls_alone(web_server: Server, owner: Stock, victim: Stock) -> None:
    """Vendors number calls and extensions as they like: the same ids at two tenants are different things."""
    before = victim.contents()
    event = kwebbl_event("terminated", number=30)
    request = urllib.request.Request(web_server.url + owner.connected.hook, json.dumps(event).encode())  # noqa: S310 - our own test server
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
        assert response.status == 200
    assert owner.connected.types()[-1] == "call.cleared"
    assert victim.contents() == before
