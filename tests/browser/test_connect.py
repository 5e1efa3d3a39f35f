"""An admin connects a PBX: through the wizard, OAuth at the vendor and back, until the directory is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.servers import running_worker

pytestmark = pytest.mark.browser
COMPANY = "globex"


@pytest.fixture
def worker(desk: Desk, tmp_path: Path) -> Iterator[None]:
    """Does the upkeep: subscriptions and directory."""
    with running_worker(tmp_path / "worker.log", desk.web):
        yield


@pytest.fixture
def admin(desk: Desk) -> Page:
    desk.sandbox.control("POST", f"/companies/{COMPANY}/reset")
    desk.log_in(desk.company.owner)
    page = desk.context.new_page()
    page.on("pageerror", lambda error: desk.errors.append(str(error)))
    page.goto(f"{desk.web.url}/accounts/new")
    return page


def fill_in(page: Page, desk: Desk) -> None:
    """The wizard, up to the vendor's login page."""
    facts = desk.sandbox.company(COMPANY)
    page.get_by_role("link", name="Kwebbl").click()
    page.get_by_label("Name").fill("Rotterdam")
    page.get_by_label("Address").fill(facts["base_url"])
    page.get_by_label("Client ID").fill(facts["connection"]["client_id"])
    page.get_by_label("Client secret").fill(facts["connection"]["client_secret"])
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Continue to Kwebbl").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in to Globex")


def decide(page: Page, desk: Desk, button: str) -> None:
    user = next(each for each in desk.sandbox.company(COMPANY)["users"] if each["is_admin"])
    page.get_by_label("Email").fill(user["email"])
    page.get_by_label("Password").fill(user["password"])
    page.get_by_role("button", name=button).click()


def test_through_oauth_to_the_directory_and_the_first_event(admin: Page, desk: Desk, worker: None) -> None:
    fill_in(admin, desk)
    decide(admin, desk, "Log in and allow")

    expect(admin.get_by_role("heading", level=1)).to_have_text("Rotterdam")
    expect(admin.locator(".toast")).to_contain_text("Rotterdam is authorized")
    expect(admin.get_by_role("row", name="Finn Dekker")).to_be_visible(timeout=45_000)
    expect(admin.get_by_role("row", name="Front desk")).to_contain_text("31105550200")

    desk.sandbox.ring_in("011", COMPANY, name="Jan de Boer")
    expect(admin.locator("#deliveries")).to_contain_text("Jan de Boer", timeout=45_000)


def test_a_denial_is_explained_and_can_be_repaired(admin: Page, desk: Desk) -> None:
    fill_in(admin, desk)
    decide(admin, desk, "Deny")
    expect(admin.get_by_role("heading", level=1)).to_have_text("Rotterdam")
    expect(admin.locator("body")).to_contain_text("the user refused to grant access")
    expect(admin.get_by_role("link", name="Continue to Kwebbl")).to_be_visible()
