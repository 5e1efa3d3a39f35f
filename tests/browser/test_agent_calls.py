"""One call from the PBX to the agent's screen and back, through the product's own processes and the sandbox."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import BLINK_MS, Desk, state_of

pytestmark = pytest.mark.browser


def press(page: Page, label: str) -> None:
    page.locator(".call").get_by_role("button", name=label, exact=True).click()


def test_a_call_is_handled_from_the_page_and_gone_in_a_second_tab(desk: Desk) -> None:
    page, other = desk.open(), desk.open()
    call_id = desk.ring(caller="31612345678", name="Jan de Boer")

    card = page.locator(".call")
    expect(card.get_by_role("heading")).to_have_text("Jan de Boer", timeout=BLINK_MS)
    expect(card.locator(".number")).to_have_text("+31 612 345 678")
    expect(state_of(card)).to_have_text("Incoming call")
    expect(card).to_contain_text("Pick it up on your phone.")
    expect(state_of(other.locator(".call"))).to_have_text("Incoming call")

    desk.picks_up(call_id)
    expect(state_of(card)).to_have_text("On the line", timeout=BLINK_MS)

    press(page, "Hold")
    expect(state_of(card)).to_have_text("On hold")
    expect(state_of(other.locator(".call"))).to_have_text("On hold")
    press(page, "Resume")
    expect(state_of(card)).to_have_text("On the line")

    press(page, "Record")
    expect(card.locator(".recording")).to_be_visible()
    assert desk.at_the_pbx(call_id)["recording"] is True
    press(page, "Stop recording")
    expect(card.locator(".recording")).to_be_hidden()

    press(page, "Hang up")
    for tab in (page, other):
        expect(tab.locator(".call")).to_have_count(0)
        expect(tab.locator("#idle")).to_be_visible()
        expect(tab.locator("#today li")).to_contain_text("Jan de Boer")
    assert desk.at_the_pbx(call_id)["state"] == "ended"


def test_a_call_is_handed_over_to_a_colleague(desk: Desk) -> None:
    page = desk.open()
    call_id = desk.ring(name="Jan de Boer")
    desk.picks_up(call_id)
    press(page, "Transfer")
    page.get_by_label("Transfer to").fill("carla")
    expect(page.get_by_role("option")).to_have_text("1002Carla Smit")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")

    expect(page.locator("#today li")).to_contain_text("Transferred")
    desk.picks_up(call_id, extension="1002")
    assert desk.at_the_pbx(call_id)["to"]["number"] == "1002"


def test_a_call_is_handed_over_after_talking_to_the_colleague(desk: Desk) -> None:
    page = desk.open()
    call_id = desk.ring(name="Jan de Boer")
    desk.picks_up(call_id)
    press(page, "Transfer")
    page.get_by_label("Talk to them first").check()
    page.get_by_label("Transfer to").fill("1002")
    page.get_by_label("Transfer to").press("Enter")
    expect(page.locator(".call", has_text="Jan de Boer")).to_contain_text("Finish the transfer on your phone.")

    consultation = next(call for call in desk.sandbox.company()["calls"] if call["consultation_for"] == call_id)
    desk.picks_up(consultation["id"], extension="1002")
    desk.sandbox.act(call_id, "finish-transfer")
    expect(page.locator(".call")).to_have_count(0)
    expect(page.locator("#today li", has_text="Jan de Boer")).to_contain_text("Transferred")


def test_a_call_that_a_colleague_answers_goes_away(desk: Desk) -> None:
    page = desk.open()
    call_id = desk.sandbox.ring_in("2001", name="Jan de Boer")
    card = page.locator(".call")
    expect(card).to_contain_text("via Sales")
    desk.picks_up(call_id, extension="1002")
    expect(card).to_have_count(0)
    expect(page.locator("#today li")).to_contain_text("Answered by a colleague")
    expect(page.locator("#today-summary")).to_have_text("1 call, 0 missed")


def test_a_missed_call_is_marked_and_can_be_called_back(desk: Desk) -> None:
    page = desk.open()
    desk.sandbox.act(desk.ring(caller="31203080700"), "hangup")
    row = page.locator("#today li")
    expect(row).to_contain_text("Missed")
    expect(page.locator("#today-summary")).to_have_text("1 call, 1 missed")
    row.get_by_role("button").click()
    expect(page.get_by_label("Number or colleague")).to_have_value("+31203080700")


def test_a_pasted_number_is_dialled(desk: Desk) -> None:
    page = desk.open()
    box = page.get_by_label("Number or colleague")
    box.fill("tel:+31 (0)20 - 308 07 00")
    expect(page.locator("#dial .reading")).to_have_text("Dials +31 203 080 700")
    box.press("Enter")

    expect(page.locator(".call").get_by_role("heading")).to_have_text("+31 203 080 700")
    expect(box).to_have_value("")
    [call] = desk.sandbox.company()["calls"]
    assert (call["from"]["number"], call["to"]["number"].lstrip("+")) == ("1001", "31203080700")
    press(page, "Hang up")
    expect(page.locator(".call")).to_have_count(0)


def test_a_number_that_cannot_be_dialled_says_why_and_stays(desk: Desk) -> None:
    page = desk.open()
    box = page.get_by_label("Number or colleague")
    box.fill("1")
    box.press("Enter")
    expect(page.locator("#dial-error")).not_to_be_empty()
    expect(box).to_have_value("1")
    assert desk.sandbox.company()["calls"] == []


def test_what_the_vendor_refuses_is_said_beside_the_call(desk: Desk) -> None:
    page = desk.open()
    call_id = desk.ring()
    desk.picks_up(call_id)
    desk.sandbox.set("faults", server_errors=1.0)
    press(page, "Hold")
    expect(page.locator(".call .problem")).not_to_be_empty()
    expect(state_of(page.locator(".call"))).to_have_text("On the line")

    desk.sandbox.set("faults", server_errors=0.0)
    press(page, "Hold")
    expect(state_of(page.locator(".call"))).to_have_text("On hold")
    expect(page.locator(".call .problem")).to_be_hidden()


def test_everything_works_with_the_keyboard(desk: Desk) -> None:
    page = desk.open()
    call_id = desk.ring(name="Jan de Boer")
    desk.picks_up(call_id)
    state = state_of(page.locator(".call"))
    expect(state).to_have_text("On the line")
    page.keyboard.press("h")
    expect(state).to_have_text("On hold")
    page.keyboard.press("h")
    expect(state).to_have_text("On the line")
    page.keyboard.press("r")
    expect(page.locator(".call .recording")).to_be_visible()
    page.keyboard.press("t")
    expect(page.get_by_label("Transfer to")).to_be_focused()
    page.keyboard.type("h")  # typing is not a shortcut
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("[data-panel=transfer]")).to_be_hidden()
    expect(state).to_have_text("On the line")
    page.keyboard.press("Shift+E")
    expect(page.locator(".call")).to_have_count(0)
