"""Connecting RingCentral and Dstny in a real browser: with something wrong first, then right, without typing the rest again."""

import pytest
from playwright.sync_api import Page, expect

from integrations.models import PbxAccount
from tests.browser.test_accounts import CONNECTING_MS, Admin, admin, worker

__all__ = ["admin", "worker"]
pytestmark = pytest.mark.browser


def connected(page: Page) -> None:
    expect(page.locator("#status .pill")).to_have_text("Active", timeout=CONNECTING_MS)
    expect(page.locator("#subscription")).to_contain_text("Active")


def credentials(admin: Admin) -> dict[str, str]:
    (account,) = admin.accounts()
    assert account.status == PbxAccount.Status.ACTIVE
    found: dict[str, str] = account.credentials
    return found


def test_ringcentral_by_jwt(admin: Admin) -> None:
    facts = admin.sandbox.company("acme-rc")
    wanted = facts["client"]["credentials"]
    page = admin.page
    admin.goes_to("/accounts/new")
    page.get_by_role("link", name="Connect RingCentral").click()
    page.get_by_label("Address").fill(facts["base_url"])
    expect(page.locator("[name='credentials.jwt']")).to_be_hidden()
    page.get_by_label("With a JWT, without a browser").check()
    page.get_by_label("Client ID").fill(wanted["client_id"])
    page.get_by_label("Client secret").fill(wanted["client_secret"])
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".invalid .error")).to_have_text("This field is required.")

    page.locator("[name='credentials.jwt']").fill("not.a.jwt")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("status")).to_contain_text("RingCentral doesn't accept this yet")
    expect(page.get_by_label("Client ID")).to_have_value(wanted["client_id"])
    expect(page.get_by_label("With a JWT, without a browser")).to_be_checked()
    page.locator("[name='credentials.jwt']").fill(wanted["jwt"])
    page.get_by_role("button", name="Save").click()
    connected(page)
    expect(page.locator("#token")).to_contain_text("Valid")
    expect(page.get_by_role("link", name="Authorize again")).to_have_count(0)
    assert credentials(admin) == wanted


def test_dstny_by_a_list_of_users(admin: Admin) -> None:
    facts = admin.sandbox.company("acme-dstny")
    page = admin.page
    admin.goes_to("/accounts/new?vendor=dstny")
    page.get_by_label("Address").fill(facts["base_url"])
    page.get_by_label("Each user with a password or ticket of their own").check()
    page.get_by_label("Domain").fill(facts["client"]["credentials"]["domain"])
    rows = page.get_by_role("group", name="Users")
    user, password = rows.get_by_label("User"), rows.get_by_label("Password")
    user.fill("wout")
    password.fill("demo-wout")
    page.get_by_role("button", name="Add a row").press("Enter")
    expect(user.nth(1)).to_be_focused()
    page.keyboard.type("xander")
    page.get_by_role("button", name="Add a row").click()
    rows.get_by_role("button", name="Remove").nth(2).click()
    page.get_by_role("button", name="Connect and test").click()
    expect(page.locator(".invalid > .error")).to_have_text("Row 2: Give each user a password or a ticket.")

    expect(user.nth(0)).to_have_value("wout")
    password.nth(1).fill("wrong")
    page.get_by_role("button", name="Connect and test").click()
    page.wait_for_url("**/acc_*")
    typed = [{"user": "wout", "password": "demo-wout"}, {"user": "xander", "password": "wrong"}]
    (account,) = admin.accounts()
    assert account.credentials["users"] == typed
