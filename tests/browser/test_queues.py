"""Queues in a real browser: the agent's own, and the supervisor's wallboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tenants.models import Role
from tests.browser.desk import Desk
from tests.browser.test_accessibility import violations
from tests.browser.test_agent_page import Line
from tests.sandbox_server import wait_for

pytestmark = pytest.mark.browser


def agent_at_the_pbx(desk: Desk, number: str) -> str:
    """How the sandbox has the agent in its only queue."""
    company = desk.sandbox.company(desk.slug)
    extension = next(each["id"] for each in company["extensions"] if each["number"] == number)
    queue = next(each for each in company["extensions"] if each["queue"])
    return str(next(each["state"] for each in queue["queue"]["agents"] if each["extension_id"] == extension))


def press(page: Page, queue: str, button: str) -> None:
    page.get_by_role("group", name=queue).get_by_role("button", name=button, exact=True).click()


def test_an_agent_signs_out_of_a_queue_and_in_again(desk_at: Callable[..., Desk]) -> None:
    desk = desk_at("ringcentral", "bob")
    page = desk.open()
    queue = page.get_by_role("group", name="Orders")
    expect(queue.locator(".pill")).to_have_text("Available")
    page.keyboard.press("q")
    expect(page.locator("#queues button").first).to_be_focused()
    press(page, "Orders", "Sign out")
    expect(queue.locator(".pill")).to_have_text("Signed out")
    assert violations(page) == []
    wait_for(lambda: agent_at_the_pbx(desk, desk.line) == "logged_out")
    press(page, "Orders", "Sign in")
    expect(queue.locator(".pill")).to_have_text("Available")
    expect(queue.get_by_role("button")).to_have_text(["Sign out"])  # RingCentral's queues know no pause
    wait_for(lambda: agent_at_the_pbx(desk, desk.line) == "ready")
    press(page, "All your queues", "Sign out of all")
    expect(page.locator(".queue .pill")).to_have_text(["Available", "Signed out"])
    refusal = page.get_by_role("group", name="Main line").get_by_role("alert")
    expect(refusal).to_contain_text("always take its calls")  # a ring group's, which RingCentral lists as a queue


def test_an_agent_without_queues_is_told_so(desk_at: Callable[..., Desk]) -> None:
    page = desk_at("dstny", "anna").open()
    expect(page.locator("#queues")).to_contain_text("You are in no queue.")


def test_a_pbx_that_tells_of_no_queues_shows_none(desk: Desk) -> None:
    page = desk.open()
    expect(page.locator("#queues")).to_be_hidden()


def test_a_supervisor_watches_queues_and_listens_in(desk_at: Callable[..., Desk]) -> None:
    desk = desk_at("ringcentral", "anna", Role.SUPERVISOR)
    page = desk.open("/wallboard")
    tile = page.locator(".tile", has_text="Orders")
    expect(tile.locator(".agents li")).to_have_count(2)
    expect(tile.locator(".available .count")).to_have_text("2")
    expect(page.locator("#live-calls")).to_contain_text("Nobody is on the phone.")

    call_id = desk.sandbox.ring_in("102", desk.slug, name="Jansen BV")
    row = page.locator("#live-calls tbody tr")
    expect(row).to_contain_text("Jansen BV")
    expect(row.locator(".pill")).to_have_text("Ringing")
    expect(row.get_by_role("button", name="Listen")).to_have_count(0)
    desk.picks_up(call_id, "102")
    expect(row.locator(".pill")).to_have_text("Talking")
    expect(tile.locator(".agents li", has_text="Sem Kok").locator(".pill")).to_have_text("On a call")
    assert violations(page) == []
    row.get_by_role("button", name="Listen").click()
    expect(row.locator(".legs")).to_contain_text("(supervising)")

    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Disconnect Jansen BV").click()
    expect(row).to_have_count(0)


def test_the_wallboard_says_that_it_is_not_connected(desk_at: Callable[..., Desk]) -> None:
    desk = desk_at("dstny", "anna", Role.SUPERVISOR)
    page = desk.context.new_page()
    line = Line(page)
    page.goto(f"{desk.web.url}/wallboard")
    expect(page.locator("#connection")).to_have_text("Live")
    line.cut()
    expect(page.locator("#stale")).to_contain_text("Not connected. What you see is from")
    assert violations(page) == []
    call_id = desk.sandbox.ring_in(desk.line, desk.slug, name="Jansen BV")
    line.is_cut = False
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator("#live-calls tbody tr")).to_contain_text("Jansen BV")
    assert desk.at_the_pbx(call_id)["state"] == "alerting"


def test_agents_have_no_wallboard(desk: Desk) -> None:
    page = desk.open()
    expect(page.get_by_role("link", name="Wallboard")).to_have_count(0)
    answer = page.goto(f"{desk.web.url}/wallboard")
    assert answer is not None
    assert answer.status == 403
