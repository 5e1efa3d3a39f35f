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
