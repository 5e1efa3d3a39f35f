"""Every page passes axe (WCAG 2.2 AA and its best practices), light and dark, and fits a small phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from integrations.models import PbxAccount
from tenants.models import Role
from tenants.rls import tenant_scope
from tests.browser.desk import Desk, state_of

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[tuple[str, list[Any]]]:
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]


def admin_pages(desk: Desk) -> Iterator[str]:
    yield from (
        reverse(name)
        for name in ("wallboard", "accounts", "account_new", "members", "keys", "audit", "tenants", "api_errors")
    )
    yield f"{reverse('account_new')}?vendor=kwebbl"
    with tenant_scope(desk.company.tenant.id):
        yield reverse("account", args=[PbxAccount.objects.get().public_id])
    yield "/no-such-page"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_admins(desk: Desk, scheme: Any) -> None:
    desk.log_in(desk.company.owner)
    page = desk.context.new_page()
    page.emulate_media(color_scheme=scheme)
    for path in admin_pages(desk):
        page.goto(desk.web.url + path)
        assert (path, violations(page)) == (path, [])
        page.set_viewport_size({"width": 380, "height": 800})
        assert (path, page.evaluate("document.documentElement.scrollWidth")) == (path, 380)
        page.set_viewport_size({"width": 1280, "height": 800})


def test_the_description_of_the_api_needs_no_login(desk: Desk) -> None:
    """Without axe: what Swagger UI draws is not ours to mend."""
    desk.context.clear_cookies()
    page = desk.context.new_page()
    page.on("console", lambda message: desk.errors.append(message.text))
    page.goto(f"{desk.web.url}{reverse('api_docs')}")
    page.locator("#operations-tag-calls").click()
    expect(page.locator("#api-docs")).to_contain_text("/api/v1/calls/{call_id}/hold")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_agent_page_in_every_state_of_a_call(desk: Desk, scheme: Any) -> None:
    page = desk.open()
    page.emulate_media(color_scheme=scheme)
    assert violations(page) == []

    call_id = desk.ring(name="Jan de Boer")
    state = state_of(page.locator(".call"))
    expect(state).to_have_text("Incoming call")
    assert violations(page) == []

    desk.picks_up(call_id)
    expect(state).to_have_text("On the line")
    page.keyboard.press("t")
    page.get_by_label("Transfer to").fill("10")
    expect(page.get_by_role("option").first).to_be_visible()
    assert violations(page) == []

    desk.sandbox.act(call_id, "hold", extension="1001")
    expect(state).to_have_text("On hold")
    assert violations(page) == []

    desk.sandbox.act(call_id, "hangup")
    expect(page.locator("#today li")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Keyboard shortcuts").click()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_at_the_door(desk: Desk, scheme: Any) -> None:
    page = desk.context.new_page()
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{desk.web.url}{reverse('members')}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not for your role")
    assert violations(page) == []

    desk.log_in(desk.company.member(Role.AGENT).user)
    page.goto(f"{desk.web.url}{reverse('agent')}")
    expect(page.get_by_role("heading", name="No line yet")).to_be_visible()
    assert violations(page) == []

    desk.context.clear_cookies()
    page.goto(f"{desk.web.url}{reverse('login')}")
    assert violations(page) == []
