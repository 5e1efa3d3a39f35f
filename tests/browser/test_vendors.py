"""Calls at RingCentral and Dstny, handled from the agent's page: what Kwebbl's API can't do, theirs can."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import BLINK_MS, Desk, state_of
from tests.browser.test_accessibility import violations
from tests.browser.test_agent_calls import press
from tests.sandbox_server import wait_for
from tests.tenancy import make_company

pytestmark = pytest.mark.browser


def hand_over(page: Page, how: str, to: str) -> None:
    press(page, "Transfer")
    page.get_by_label(how).check()
    page.get_by_label("Transfer to").fill(to)
    page.get_by_label("Transfer to").press("Enter")


def test_a_ringcentral_call_is_answered_muted_held_consulted_about_and_transferred(
    desk_at: Callable[[str], Desk],
) -> None:
    desk = desk_at("ringcentral")
    page = desk.open()
    call_id = desk.ring(caller="31612345678", name="Jansen BV")
    card = page.locator(".call", has_text="Jansen BV")
    expect(state_of(card)).to_have_text("Incoming call", timeout=BLINK_MS)

    press(page, "Answer")
    expect(state_of(card)).to_have_text("On the line")
    press(page, "Mute")
    expect(card.locator(".muted")).to_be_visible()
    press(page, "Unmute")
    expect(card.locator(".muted")).to_be_hidden()
    press(page, "Hold")
    expect(state_of(card)).to_have_text("On hold")
    press(page, "Resume")
    expect(state_of(card)).to_have_text("On the line")

    hand_over(page, "Talk to them first", "102")
    expect(card.locator(".company")).to_have_text("With Jansen BV, Sem Kok (ringing)")
    expect(card.get_by_role("button", name="Answer")).to_have_count(0)  # it isn't ours to answer
    asked = next(call for call in desk.calls_at_the_pbx() if call["id"] != call_id)
    desk.picks_up(asked["id"], extension="102")
    expect(card.locator(".company")).to_have_text("With Jansen BV, Sem Kok")
    press(page, "Complete transfer")
    expect(page.locator("#today li")).to_contain_text("Transferred")
    expect(card).to_have_count(0)
    [call] = desk.calls_at_the_pbx()
    assert sorted(leg["name"] for leg in call["legs"] if leg["state"] == "connected") == ["Jansen BV", "Sem Kok"]


def test_a_ringcentral_call_is_parked_and_picked_up(desk_at: Callable[[str], Desk]) -> None:
    desk = desk_at("ringcentral")
    page = desk.open()
    desk.picks_up(desk.ring(name="Jansen BV"))
    card = page.locator(".call")
    expect(state_of(card)).to_have_text("On the line")
    page.keyboard.press("p")
    expect(state_of(card)).to_have_text("Parked")
    page.reload()
    expect(card.locator(".facts-line")).to_contain_text("parked at")
    press(page, "Pick up")
    expect(state_of(card)).to_have_text("On the line")
    expect(card).to_have_count(1)
    [call] = [call for call in desk.calls_at_the_pbx() if call["parked"] is None]
    assert sorted(leg["name"] for leg in call["legs"] if leg["state"] == "connected") == ["Jansen BV", "Rosa Meijer"]


def test_a_dstny_call_is_answered_on_a_chosen_phone_and_recorded(desk_at: Callable[[str], Desk]) -> None:
    desk = desk_at("dstny")
    desk.sandbox.set("dialect", desk.slug, recording="external")  # everything is recorded, and kept if somebody says so
    page = desk.open()
    call_id = desk.ring(name="Jansen BV")
    card = page.locator(".call")
    press(page, "Answer on…")
    card.get_by_role("group", name="Your phones").get_by_role("button", name="Softphone").click()
    expect(state_of(card)).to_have_text("On the line")
    assert ["Softphone"] in [leg["devices"] for leg in desk.at_the_pbx(call_id)["legs"]]

    page.keyboard.press("k")
    page.keyboard.type("42#")
    expect(card.get_by_label("Digits sent")).to_have_text("42#")
    page.keyboard.press("Escape")
    recording = card.locator(".recording")
    expect(recording).to_have_text("Recording")
    press(page, "Pause recording")
    expect(recording).to_have_text("Recording paused")
    press(page, "Continue recording")
    expect(recording).to_have_text("Recording")
    press(page, "Keep recording")
    wait_for(lambda: [each["saved"] for each in desk.at_the_pbx(call_id)["recordings"]] == [True])
    expect(card.get_by_role("button", name="Keep")).to_have_count(0)
    assert desk.at_the_pbx(call_id)["digits"] == ["4", "2", "#"]


def test_two_dstny_parties_are_swapped_and_joined(desk_at: Callable[[str], Desk]) -> None:
    desk = desk_at("dstny")
    page = desk.open()
    call_id = desk.ring(name="Jansen BV")
    card = page.locator(".call", has_text="Jansen BV")
    expect(card).to_be_visible()
    desk.picks_up(call_id)
    expect(state_of(card)).to_have_text("On the line")
    hand_over(page, "Talk to them first", "302")
    expect(card.locator(".company")).to_have_text("With Jansen BV, Wout Hendriks (ringing)")
    asked = next(call for call in desk.calls_at_the_pbx() if call["id"] != call_id)
    desk.picks_up(asked["id"], extension="302")
    expect(card.locator(".company")).to_have_text("With Jansen BV, Wout Hendriks")
    expect(state_of(card)).to_have_text("On hold")
    page.keyboard.press("s")
    expect(state_of(card)).to_have_text("On the line")
    press(page, "Join calls")
    expect(card.get_by_role("button", name="Complete transfer")).to_have_count(0)
    page.reload()
    expect(card.locator(".company")).to_have_text("With Jansen BV, Wout Hendriks")
    expect(card.get_by_role("button", name="Complete transfer")).to_have_count(0)
    assert violations(page) == []
    assert any(call["conference"] for call in desk.calls_at_the_pbx())


def test_presence_is_shown_to_colleagues_who_hand_over(desk_at: Callable[[str], Desk]) -> None:
    desk = desk_at("dstny")
    page = desk.open()
    presence = page.get_by_role("button", name="Available", exact=True)
    expect(presence).to_have_attribute("aria-pressed", "true")
    note = page.get_by_label("Note for colleagues")
    note.fill("Back at three")
    note.press("Enter")
    wait_for(lambda: desk.line_at_the_pbx()["settings"]["note"] == "Back at three")
    page.reload()
    expect(note).to_have_value("Back at three")
    presence.click()
    expect(page.get_by_role("button", name="Not available")).to_have_attribute("aria-pressed", "false")


def test_the_pages_of_a_vendors_account_pass_axe(desk_at: Callable[[str], Desk]) -> None:
    desk = desk_at("ringcentral")
    desk.log_in(desk.company.owner)
    page = desk.context.new_page()
    for path in ("/accounts", "/accounts/new", "/accounts/new?vendor=dstny", "/accounts/new?vendor=ringcentral"):
        page.goto(desk.web.url + path)
        assert (path, violations(page)) == (path, [])
    page.goto(f"{desk.web.url}/accounts")
    page.get_by_role("link", name="The PBX").click()
    expect(page.locator("#connection")).to_have_text("Live")
    assert violations(page) == []
    page.set_viewport_size({"width": 380, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 380
    expect(page.locator("#subscription")).to_contain_text("Expires")
    expect(page.get_by_role("region", name="What it can")).to_contain_text("put calls on hold")


def test_another_company_sees_nothing_of_it(desk_at: Callable[[str], Desk]) -> None:
    acme = desk_at("ringcentral")
    page = acme.open()
    acme.ring(name="Jansen BV")
    expect(page.locator(".call")).to_be_visible()
    other = make_company()
    acme.company = other
    acme.log_in(other.owner)
    page.goto(f"{acme.web.url}/agent")
    expect(page.get_by_role("heading", name="No line yet")).to_be_visible()
    page.goto(f"{acme.web.url}/accounts")
    expect(page.get_by_role("heading", name="No phone system yet")).to_be_visible()
