"""The wallboard's view: who may see it, and what its scripts are told."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from integrations.models import Extension
from tenants.models import Membership, Role
from tenants.rls import tenant_scope
from tests.connected import ANNA, Connected, connect_account
from tests.tenancy import HOST, make_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def connected() -> Connected:
    return connect_account()


def page(connected: Connected, member: Membership) -> str:
    return connected.company.browser(member.user).get("/wallboard").content.decode()


def told(html: str) -> Any:
    """The page's JSON data."""
    found = re.search(r'<script id="wallboard-data" type="application/json">(.*?)</script>', html)
    assert found
    return json.loads(found[1])


def test_strangers_log_in_first_and_come_back() -> None:
    response = Client(headers={"host": HOST}).get("/wallboard")
    assert (response.status_code, response["Location"]) == (302, "/login?next=/wallboard")


@pytest.mark.parametrize(
    ("role", "status"), [(Role.AGENT, 403), (Role.SUPERVISOR, 200), (Role.ADMIN, 200), (Role.OWNER, 200)]
)
def test_it_is_for_supervisors(connected: Connected, role: Role, status: int) -> None:
    browser = connected.company.browser(connected.company.member(role).user)
    assert browser.get("/wallboard").status_code == status
    link = 'href="/wallboard"' in browser.get("/agent").content.decode()
    assert link == (status == 200)


def test_scripts_are_told_the_accounts_and_the_members_own_lines(connected: Connected) -> None:
    member = connected.company.member(Role.SUPERVISOR)
    with tenant_scope(connected.tenant_id):
        Extension.objects.filter(vendor_extension_id=ANNA).update(member=member)
    data = told(page(connected, member))
    account = data["accounts"].pop(connected.account_id)
    assert data["accounts"] == {}
    assert (account["name"], "hangup" in account["can"]["calls"]) == ("Head office", True)
    anna = connected.extension(ANNA)
    own = {"id": anna.public_id, "number": anna.number, "name": anna.name, "account_id": connected.account_id}
    assert data["extensions"] == [own]


def test_without_a_phone_system_it_says_what_to_do() -> None:
    company = make_company()
    for role, words in ((Role.SUPERVISOR, "Someone with the admin role"), (Role.ADMIN, "Connect a phone system")):
        html = company.browser(company.member(role).user).get("/wallboard").content.decode()
        assert ("No phone system yet" in html, words in html, "wallboard.js" in html) == (True, True, False)
