"""The console page in a real Chromium: what a person at the demo does."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright

from tests.sandbox_server import SandboxHandle

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


def _is_complaint(message: ConsoleMessage) -> bool:
    """Chromium also logs every answer above 399 as an error: those are refusals that the page itself shows."""
    return message.type == "error" and not message.text.startswith("Failed to load resource")


@pytest.fixture
def page(chromium: Any, sandbox: SandboxHandle) -> Iterator[Page]:
    """The console at 380 px; anything that the browser complains about fails the test."""
    page = chromium.new_page(viewport={"width": 380, "height": 800})
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if _is_complaint(message) else None)
    page.goto(sandbox.url)
    yield page
    page.close()
    assert complaints == []


def test_customer_calls_and_is_answered_held_and_hung_up(page: Page) -> None:
    page.get_by_role("button", name="Customer calls 020 555 0100, Reception").click()
    page.get_by_role("button", name="Answer").click()
    page.get_by_role("button", name="Hold", exact=True).click()
    expect(page.get_by_text("on hold", exact=True)).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Hang up", exact=True).click()
    expect(page.get_by_text("Nobody. Let a customer call")).to_be_visible()


def test_attended_transfer_with_the_phone_keys(page: Page, sandbox: SandboxHandle) -> None:
    call = sandbox.ring_in("1001", name="Sanne")
    sandbox.act(call, "answer", extension="1001")
    page.get_by_label("Transfer to").fill("1002")
    page.get_by_role("button", name="Ask first").click()
    page.get_by_role("button", name="Answer").click()
    page.get_by_role("button", name="* Finish transfer").click()
    expect(page.get_by_text("talks: Carla Smit, 1002")).to_be_visible()


def test_hostile_name_is_text(page: Page, sandbox: SandboxHandle) -> None:
    name = "<img src=x onerror=document.title='owned'>"
    sandbox.ring_in("1001", name=name)
    expect(page.get_by_text(name).first).to_be_visible()
    assert page.title() == "PBX sandbox"


def test_what_is_typed_survives_a_redraw(page: Page, sandbox: SandboxHandle) -> None:
    dial = page.get_by_label("Dial").nth(1)
    dial.fill("0612")
    sandbox.ring_in("1001")
    expect(page.get_by_role("button", name="Answer")).to_be_visible()
    expect(dial).to_have_value("0612")
    expect(dial).to_be_focused()


def test_refusal_is_said(page: Page) -> None:
    page.get_by_label("Dial").first.fill("4999")
    page.get_by_role("button", name="Call", exact=True).first.click()
    expect(page.get_by_role("alert")).to_have_text("no extension has the number 4999")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_a_narrow_screen_and_is_accessible(page: Page, sandbox: SandboxHandle, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    talking = sandbox.ring_in("1002")
    sandbox.act(talking, "answer", extension="1002")
    sandbox.ring_in("31205550110")
    for summary in page.locator("summary").all():
        summary.click()
    expect(page.get_by_role("button", name="Answer")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found.response["violations"]] == []


@pytest.fixture
def offices(page: Page) -> Page:
    """The console of the PBX that can do everything."""
    page.get_by_role("button", name="Acme Utrecht, RingCentral").click()
    expect(page.get_by_text("Rosa Meijer").first).to_be_visible()
    return page


def ring_rosa(page: Page) -> None:
    page.get_by_role("button", name="Customer calls 030 555 0101, Rosa Meijer").click()


def test_call_is_answered_on_a_chosen_phone_muted_and_parked(offices: Page) -> None:
    ring_rosa(offices)
    offices.get_by_text("More").click()
    offices.get_by_role("button", name="Answer on Softphone").click()
    expect(offices.get_by_text("talks, on the softphone")).to_be_visible()
    offices.get_by_role("button", name="Mute", exact=True).click()
    expect(offices.get_by_text("talks, on the softphone, muted")).to_be_visible()
    offices.get_by_role("button", name="Park", exact=True).click()
    offices.get_by_label("Fetched by").select_option("Tess Brouwer")
    offices.get_by_role("button", name="Pick up", exact=True).click()
    expect(offices.get_by_text("talks: Tess Brouwer, 103")).to_be_visible()


def test_conference_of_two_customers(offices: Page, sandbox: SandboxHandle) -> None:
    for name in ("Sanne", "Pieter"):
        call = sandbox.ring_in("101", "acme-rc", name=name)
        sandbox.act(call, "answer", "acme-rc", extension="101")
    offices.get_by_role("button", name="Conference with Pieter").click()
    expect(offices.get_by_text("conference, talks")).to_be_visible()
    offices.get_by_role("button", name="Put out of the conference").first.click()
    expect(offices.get_by_role("button", name="Customer hangs up")).to_have_count(1)


def test_caller_leaves_a_message(offices: Page, sandbox: SandboxHandle) -> None:
    ring_rosa(offices)
    offices.get_by_role("button", name="To voicemail").click()
    expect(offices.get_by_text("in the voicemail box: Rosa Meijer")).to_be_visible()
    offices.get_by_role("button", name="Customer hangs up").click()
    expect(offices.get_by_text("Nobody. Let a customer call")).to_be_visible()
    assert len(sandbox.control("GET", "/companies/acme-rc/voicemail")) == 1


def test_agent_pauses_and_the_caller_waits(offices: Page, sandbox: SandboxHandle) -> None:
    sandbox.control("POST", "/companies/acme-rc/queues/201/agents/103/log-out")
    expect(offices.get_by_text("logged out")).to_be_visible()
    offices.get_by_role("button", name="Pause", exact=True).first.click()
    expect(offices.get_by_text("paused (break)")).to_be_visible()
    offices.get_by_role("button", name="Customer calls 030 555 0201, Orders (queue)").click()
    expect(offices.get_by_text("1 waiting")).to_be_visible()
    offices.get_by_role("button", name="Go on", exact=True).click()
    expect(offices.get_by_role("button", name="Answer")).to_be_visible()


def test_a_pbx_that_only_answers_questions_is_played_like_the_others(page: Page, sandbox: SandboxHandle) -> None:
    sandbox.control("PATCH", "/companies/acme-eq/queues/601", wrap_up_s=600)
    page.get_by_role("button", name="Acme Groningen, EQ").click()
    page.get_by_role("button", name="Customer calls 050 555 0601, Support (queue)").click()
    page.get_by_role("button", name="Answer", exact=True).click()
    page.get_by_role("button", name="Hang up", exact=True).click()
    expect(page.get_by_text("wraps up")).to_be_visible()
    page.get_by_role("button", name="Ready", exact=True).click()
    expect(page.get_by_text("wraps up")).to_have_count(0)


def test_a_customers_own_notifications_are_pasted(page: Page, sandbox: SandboxHandle) -> None:
    page.get_by_role("button", name="Acme The Hague, CallGear").click()
    page.get_by_label("Event").select_option("Waiting for the answer")
    page.get_by_label("Address").fill("http://127.0.0.1:9/hooks/secret")
    page.get_by_label("Template", exact=True).fill('{"call": {{call_session_id}}}')
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("POST http://127.0.0.1:9")).to_be_visible()
    page.get_by_role("button", name="Customer calls 070 555 0701, Sales").click()
    expect(page.locator("#ledger").get_by_text("Waiting for the answer")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found.response["violations"]] == []


def test_opened_details_stay_open_when_something_happens(offices: Page, sandbox: SandboxHandle) -> None:
    rosa = offices.get_by_role("article", name="Rosa Meijer")
    rosa.get_by_text("Settings", exact=True).click()
    rosa.get_by_label("Do not disturb").check()
    expect(rosa.get_by_text("do not disturb", exact=True)).to_be_visible()
    expect(rosa.get_by_label("Do not disturb")).to_be_checked()
    sandbox.ring_in("102", "acme-rc")
    expect(offices.get_by_role("button", name="Answer")).to_be_visible()
    expect(rosa.get_by_label("Voicemail")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_at_once_is_accessible(offices: Page, sandbox: SandboxHandle, scheme: Any) -> None:
    offices.emulate_media(color_scheme=scheme)
    talking, parked = sandbox.ring_in("101", "acme-rc"), sandbox.ring_in("102", "acme-rc")
    for call, number in ((talking, "101"), (parked, "102")):
        sandbox.act(call, "answer", "acme-rc", extension=number)
    sandbox.act(parked, "park", "acme-rc", extension="102")
    for to in ("103", "201", "201", "201"):
        sandbox.ring_in(to, "acme-rc")
    expect(offices.get_by_text("hears it ring")).to_have_count(2)
    for summary in offices.locator("summary").all():
        summary.click()
    assert offices.evaluate("document.documentElement.scrollWidth") <= 380
    found = Axe().run(offices, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found.response["violations"]] == []
