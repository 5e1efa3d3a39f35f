"""Work in queues at EQ, whose queues have the most: pause codes, skills, wrap-up, callers to take."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tenants.models import Role
from tests.browser.desk import Desk
from tests.browser.test_accessibility import violations
from tests.sandbox_server import wait_for

pytestmark = pytest.mark.browser
OTHERS = ("503", "504")
"""The agents of Support beside Bob."""
POLLED_MS = 30_000  # on a busy machine, which polls when it can


def queue_of(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name)


def press(group: Locator, button: str) -> None:
    group.get_by_role("button", name=button, exact=True).click()


def test_an_agent_pauses_with_a_code_and_signs_in_with_a_skill(desk_at: Callable[..., Desk]) -> None:
    desk = desk_at("eq", "bob")
    page = desk.open()
    queue = queue_of(page, "Support")
    state = queue.locator(".pill")
    expect(state).to_have_text("Available", timeout=POLLED_MS)
    press(queue, "Pause")
    reasons = queue.get_by_role("group", name="Why").get_by_role("button")
    expect(reasons.first).to_be_focused()
    page.keyboard.press("Escape")
    expect(queue.get_by_role("button", name="Pause")).to_be_focused()
    press(queue, "Pause")
    expect(reasons).to_contain_text(["Without a reason", "Lunch"])
    assert violations(page) == []
    reasons.filter(has_text="Lunch").click()
    expect(state).to_have_text("Paused: Lunch", timeout=POLLED_MS)
    press(queue, "Resume")
    expect(state).to_have_text("Available", timeout=POLLED_MS)
    press(queue, "Sign out")
    expect(state).to_have_text("Signed out", timeout=POLLED_MS)
    press(queue, "Sign in as…")
    queue.get_by_role("group", name="With which skill").get_by_role("button", name="Highest").click()
    expect(state).to_have_text("Available", timeout=POLLED_MS)


def test_an_agent_sees_who_waits_and_finishes_the_wrap_up(desk_at: Callable[..., Desk]) -> None:
    desk = desk_at("eq", "bob")
    settings = {"wrap_up_s": 600, "agent_ring_s": 600}
    desk.sandbox.control("PATCH", f"/companies/{desk.slug}/queues/601", **settings)
    for number in OTHERS:
        desk.sandbox.control("POST", f"/companies/{desk.slug}/queues/601/agents/{number}/log-out")
    page = desk.open()
    queue = queue_of(page, "Support")
    expect(queue.locator(".waiting")).to_have_text("0 waiting", timeout=POLLED_MS)
    call_id = desk.sandbox.ring_in("601", desk.slug, name="Jansen BV")
    expect(queue.locator(".waiting")).to_contain_text("1 waiting longest 0:", timeout=POLLED_MS)
    desk.picks_up(call_id)
    expect(queue.locator(".pill")).to_have_text("On a call", timeout=POLLED_MS)
    desk.sandbox.act(call_id, "hangup", desk.slug)
    expect(queue.locator(".pill")).to_have_text("Wrapping up", timeout=POLLED_MS)
    press(queue, "Finish wrap-up")
    expect(queue.locator(".pill")).to_have_text("Available", timeout=POLLED_MS)


def test_a_supervisor_takes_who_waits(desk_at: Callable[..., Desk]) -> None:
    desk = desk_at("eq", "anna", Role.SUPERVISOR)
    for number in ("502", *OTHERS):
        desk.sandbox.control("POST", f"/companies/{desk.slug}/queues/601/agents/{number}/pause")
    page = desk.open("/wallboard")
    tile = page.locator(".tile", has_text="Support")
    expect(tile.locator(".agents .pill")).to_have_text(["Paused"] * 3, timeout=POLLED_MS)
    call_id = desk.sandbox.ring_in("601", desk.slug, name="Jansen BV")
    caller = tile.locator(".callers li")
    expect(caller).to_contain_text("Jansen BV", timeout=POLLED_MS)
    expect(tile.locator(".waiting dd")).to_have_text("1", timeout=POLLED_MS)
    expect(tile).to_have_attribute("data-state", "unattended")
    assert violations(page) == []
    caller.get_by_role("button", name="Take Jansen BV").click()
    wait_for(lambda: [leg for leg in desk.at_the_pbx(call_id)["legs"] if leg["number"] == desk.line])
    desk.picks_up(call_id)
    expect(caller).to_have_count(0, timeout=POLLED_MS)
    expect(page.locator("#live-calls tbody tr .pill")).to_have_text("Talking", timeout=POLLED_MS)
