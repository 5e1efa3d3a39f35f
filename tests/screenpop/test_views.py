"""The agent page's view: who may see it, and what its scripts are told."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.models import Extension
from tenants.models import Membership, Role
from tenants.rls import tenant_scope
from tests.connected import ANNA, BOB, Connected, connect_account
from tests.tenancy import HOST

pytestmark = pytest.mark.django_db


@pytest.fixture
def connected() -> Connected:
    return connect_account()


@pytest.fixture
def agent(connected: Connected) -> Membership:
    return connected.company.member(Role.AGENT)


def bind(connected: Connected, member: Membership, *vendor_ids: str) -> None:
    with tenant_scope(connected.tenant_id):
        Extension.objects.filter(vendor_extension_id__in=vendor_ids).update(member=member)


def told(connected: Connected, member: Membership) -> Any:
    """The page's JSON data."""
    html = connected.company.browser(member.user).get("/agent").content.decode()
    found = re.search(r'<script id="agent-data" type="application/json">(.*?)</script>', html)
    assert found
    return json.loads(found[1])


def test_strangers_log_in_first_and_come_back(connected: Connected) -> None:
    response = Client(headers={"host": HOST}).get("/agent")
    assert (response.status_code, response["Location"]) == (302, "/login?next=/agent")


def test_scripts_are_told_the_members_own_lines(connected: Connected, agent: Membership) -> None:
    bind(connected, agent, BOB, ANNA)
    data = told(connected, agent)
    assert (data["member_id"], data["region"]) == (agent.public_id, "NL")
    assert data["extensions"] == [
        {"id": each.public_id, "number": each.number, "name": each.name, "account_id": connected.account_id}
        for each in (connected.extension(ANNA), connected.extension(BOB))
    ]


def test_a_line_that_the_directory_lost_is_none(connected: Connected, agent: Membership) -> None:
    bind(connected, agent, ANNA)
    with tenant_scope(connected.tenant_id):
        Extension.objects.filter(vendor_extension_id=ANNA).update(gone_at=timezone.now())
    page = connected.company.browser(agent.user).get("/agent").content.decode()
    assert "No line yet" in page


def test_a_colleagues_line_is_not_mine(connected: Connected, agent: Membership) -> None:
    bind(connected, connected.company.member(), ANNA)
    bind(connected, agent, BOB)
    [extension] = told(connected, agent)["extensions"]
    assert extension["number"] == "1002"


def test_a_hostile_extension_name_cannot_leave_the_data_block(connected: Connected, agent: Membership) -> None:
    bind(connected, agent, ANNA)
    with tenant_scope(connected.tenant_id):
        Extension.objects.filter(vendor_extension_id=ANNA).update(name="</script><script>alert(1)</script>")
    html = connected.company.browser(agent.user).get("/agent").content.decode()
    assert "<script>alert(1)" not in html
