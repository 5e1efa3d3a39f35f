"""Connecting a PBX in a real browser, against the running product and the sandbox: there and back, denied, unreachable, live."""

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.fixtures import Settings

from integrations.models import PbxAccount
from integrations.status import set_status
from tenants.rls import tenant_scope
from tests.browser.test_accessibility import violations
from tests.sandbox_server import SandboxHandle
from tests.servers import Server, running_worker
from tests.tenancy import PASSWORD, Company, make_company

pytestmark = pytest.mark.browser
SHORT_WAITS = 400
CONNECTING_MS = 60_000  # upkeep runs in another process
SECRET = "not-the-right-secret"
HOSTILE = "<img src=x onerror=document.title='broken'>"


@dataclass
class Admin:
    """The owner of a new company, in a tab of a real browser."""

    page: Page
    web: Server
    sandbox: SandboxHandle
    company: Company

    def goes_to(self, path: str) -> None:
        self.page.goto(self.web.url + path)

    def fills_in(self, **changes: str) -> None:
        """The connect form, with what the sandbox's console tells, but for `changes`."""
        facts = self.sandbox.company()
        typed = {"name": "Head office", "base_url": facts["base_url"], **facts["connection"], **changes}
        self.page.get_by_label("Name", exact=True).fill(typed["name"])
        self.page.get_by_label("Address", exact=True).fill(typed["base_url"])
        self.page.get_by_label("Client ID").fill(typed["client_id"])
        if typed["client_secret"]:
            self.page.get_by_label("Client secret").fill(typed["client_secret"])
        self.page.get_by_role("button", name="Continue").click()

    def logs_in_at_the_vendor(self, decision: str = "allow") -> None:
        ada = next(user for user in self.sandbox.company()["users"] if user["is_admin"])
        self.page.get_by_role("link", name=re.compile("Continue to Kwebbl|Authorize at Kwebbl")).click()
        self.page.locator("[name=email]").fill(ada["email"])
        self.page.locator("[name=password]").fill(ada["password"])
        self.page.locator(f"button[value={decision}]").click()

    def connects(self) -> None:
        """The whole way, until the account is active."""
        self.goes_to("/accounts/new?vendor=kwebbl")
        self.fills_in()
        self.logs_in_at_the_vendor()
        expect(self.page.locator("#status .pill")).to_have_text("Active", timeout=CONNECTING_MS)

    def tells_of_a_change(self) -> None:
        """An event of the account's, which its page takes a look for."""
        (account,) = self.accounts()
        with tenant_scope(account.tenant_id):
            set_status(account, PbxAccount.Status.DEGRADED, "Kwebbl is slow.")

    def holds_back(self, method: str, url: str) -> list[Route]:
        """The page's requests of that method to that address, from now on: the test answers them."""
        held: list[Route] = []
        self.page.route(url, lambda route: held.append(route) if route.request.method == method else route.fallback())
        return held

    def accounts(self) -> list[PbxAccount]:
        with tenant_scope(self.company.tenant.id):
            return list(PbxAccount.objects.all())


@pytest.fixture(scope="module")
def worker(web_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Celery, which does an account's upkeep."""
    with running_worker(tmp_path_factory.mktemp("worker") / "worker.log", web_server) as server:
        yield server


@pytest.fixture
def admin(
    committed_db: None, web_server: Server, worker: Server, sandbox: SandboxHandle, browser: Browser, settings: Settings
) -> Iterator[Admin]:
    """Logged in at the login page. An uncaught error in the page fails the test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]  # the server's
    sandbox.control("POST", "/companies/acme/reset")
    context = browser.new_context(locale="en-GB", timezone_id="Europe/Amsterdam")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    company = make_company()
    page.goto(f"{web_server.url}/login")
    page.get_by_label("E-mail").fill(company.owner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/accounts")
    yield Admin(page, web_server, sandbox, company)
    context.close()
    assert errors == []


def wait_for(page: Page, held: list[Route]) -> None:
    for _ in range(SHORT_WAITS):
        if held:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the page sent no such request")


def test_connecting_through_oauth_there_and_back(admin: Admin) -> None:
    page = admin.page
    page.get_by_role("link", name="Connect a PBX").click()
    page.get_by_role("link", name="Kwebbl").click()
    admin.fills_in()
    admin.logs_in_at_the_vendor()
    expect(page.locator("#status .pill")).to_have_text("Active", timeout=CONNECTING_MS)
    expect(page.locator("#token")).to_contain_text("Valid")
    expect(page.locator("#subscription")).to_contain_text("Active")
    expect(page.locator("#directory")).to_contain_text("Bram Bakker")
    page.get_by_role("link", name="Accounts").first.click()
    row = page.get_by_role("row", name="Head office")
    expect(row).to_contain_text("Receiving events")
    expect(row.locator("td").last).to_have_text(str(len(admin.sandbox.company()["extensions"])))


def test_denial_is_said_in_words_and_what_was_typed_is_kept(admin: Admin) -> None:
    admin.goes_to("/accounts/new?vendor=kwebbl")
    admin.fills_in()
    admin.logs_in_at_the_vendor("deny")
    expect(admin.page.get_by_role("status")).to_contain_text("the user refused to grant access")
    admin.page.reload()
    expect(admin.page.locator(".notice")).to_contain_text("the user refused to grant access")
    admin.logs_in_at_the_vendor()
    expect(admin.page.locator("#status .pill")).to_have_text("Active", timeout=CONNECTING_MS)


def test_wrong_client_secret_is_said_and_corrected_alone(admin: Admin) -> None:
    admin.goes_to("/accounts/new?vendor=kwebbl")
    admin.fills_in(client_secret=SECRET)
    admin.logs_in_at_the_vendor()
    expect(admin.page.get_by_role("status")).to_contain_text("doesn't accept the client id and secret")
    admin.page.get_by_role("link", name="Change…").click()
    expect(admin.page.get_by_label("Client ID")).to_have_value(admin.sandbox.company()["connection"]["client_id"])
    admin.page.get_by_label("Client secret").fill(admin.sandbox.company()["connection"]["client_secret"])
    admin.page.get_by_role("button", name="Save").click()
    admin.logs_in_at_the_vendor()
    expect(admin.page.locator("#status .pill")).to_have_text("Active", timeout=CONNECTING_MS)


def test_unreachable_and_private_hosts_are_told_apart_and_the_rest_is_kept(admin: Admin) -> None:
    admin.goes_to("/accounts/new?vendor=kwebbl")
    admin.fills_in(base_url="http://10.0.0.1/v100")
    error = admin.page.locator(".invalid .error")
    expect(error).to_contain_text("10.0.0.1 is a private or special address")
    with socket.socket() as probe:  # bound, but it doesn't listen
        probe.bind(("127.0.0.1", 0))
        admin.fills_in(base_url=f"http://127.0.0.1:{probe.getsockname()[1]}/v100", client_secret="")
        expect(error).to_contain_text("Connection refused")
    expect(admin.page.get_by_label("Name", exact=True)).to_have_value("Head office")
    admin.fills_in(client_secret="")
    expect(admin.page.get_by_role("link", name="Continue to Kwebbl")).to_be_visible()
    (account,) = admin.accounts()
    assert account.credentials["client_secret"] == admin.sandbox.company()["connection"]["client_secret"]


def test_events_arrive_live_beside_what_they_became(admin: Admin) -> None:
    admin.connects()
    page = admin.page
    expect(page.locator("#connection")).to_have_text("Live")
    admin.sandbox.ring_in("1001", name=HOSTILE)
    newest = page.locator("#deliveries > li").first
    expect(newest.locator(".became")).to_contain_text("call.delivered")
    payload = json.loads(newest.locator(".payload").inner_text())
    became = json.loads(newest.locator(".events pre").inner_text())
    assert payload["event_type"] == "ringing"
    assert became["data"]["call"]["vendor_call_id"] == payload["call_id"]
    assert page.locator("#deliveries img").count() == 0
    assert page.title() != "broken"


def test_what_is_not_understood_is_shown_and_can_be_read_again(admin: Admin) -> None:
    admin.connects()
    page = admin.page
    page.get_by_role("button", name="Show the secret address").click()
    hook = page.locator("#callback-1").inner_text()
    assert page.request.post(hook, data=HOSTILE).status == 200
    newest = page.locator("#deliveries > li").first
    expect(newest.locator(".pill")).to_have_text("Not understood")
    expect(newest.locator(".payload")).to_have_text(HOSTILE)
    newest.get_by_role("button", name="Read it again").click()
    expect(page.locator("#feed-problem")).to_contain_text("It is kept")


def test_pause_holds_the_list_still(admin: Admin) -> None:
    admin.connects()
    page = admin.page
    page.get_by_role("button", name="Pause").click()
    admin.sandbox.ring_in("1001")
    expect(page.locator(".last-event")).not_to_have_text("none yet")
    assert page.locator("#deliveries > li").count() == 0
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#deliveries > li").first).to_be_visible()


def test_disconnecting_takes_a_tick_and_says_what_stops(admin: Admin) -> None:
    admin.connects()
    page = admin.page
    page.reload()
    page.get_by_role("button", name="Disconnect…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This stops for 8 lines and 0 agents")
    dialog.get_by_role("button", name="Disconnect Head office").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("I want all of that to stop").check()
    dialog.get_by_role("button", name="Disconnect Head office").click()
    expect(page.get_by_role("heading", name="No phone system yet")).to_be_visible()
    assert admin.accounts() == []
    assert admin.sandbox.company()["subscriptions"] == []


def test_what_the_live_page_finds_never_cancels_a_form_on_its_way(admin: Admin) -> None:
    admin.connects()
    page = admin.page
    page.get_by_role("button", name="Disconnect…").click()
    form = page.get_by_role("dialog").locator("form")
    form.get_by_label("I want all of that to stop").check()
    polls = admin.holds_back("GET", page.url)
    posts = admin.holds_back("POST", f"{page.url}/disconnect")
    with page.expect_request(page.url):
        admin.tells_of_a_change()
    form.evaluate("form => form.requestSubmit()")
    wait_for(page, posts)
    with page.expect_request("**/deliveries"):  # the next thing that the page does by itself
        for poll in polls:
            poll.fulfill(status=404, body="gone")
    posts[0].continue_()
    expect(page.get_by_role("heading", name="No phone system yet")).to_be_visible()
    assert admin.accounts() == []


def test_account_that_is_gone_leads_to_the_list_which_says_so(admin: Admin) -> None:
    admin.connects()
    page = admin.page
    page.route(page.url, lambda route: route.fulfill(status=404, body="gone"))
    admin.tells_of_a_change()
    expect(page.locator(".notice")).to_have_text("The phone system that you were looking at has been disconnected.")
    assert page.url == f"{admin.web.url}/accounts?gone=yes"


def test_lost_authorization_is_told_and_given_anew(admin: Admin) -> None:
    admin.connects()
    (account,) = admin.accounts()
    with tenant_scope(account.tenant_id):
        set_status(account, PbxAccount.Status.REAUTHORIZATION_REQUIRED, "Kwebbl says that the authorization has ended.")
    expect(admin.page.locator("#status")).to_contain_text("Kwebbl says that the authorization has ended.")
    admin.logs_in_at_the_vendor()
    expect(admin.page.locator("#status .pill")).to_have_text("Active", timeout=CONNECTING_MS)


def passes_axe(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert (page.url, scheme, violations(page)) == (page.url, scheme, [])


def test_every_state_of_these_pages_passes_axe(admin: Admin) -> None:
    page = admin.page
    admin.goes_to("/accounts/new?vendor=kwebbl")
    admin.fills_in(base_url="http://10.0.0.1/v100")
    page.get_by_text("Options", exact=True).click()
    passes_axe(page)
    admin.fills_in(client_secret="")
    passes_axe(page)
    admin.logs_in_at_the_vendor()
    expect(page.locator("#status .pill")).to_have_text("Active", timeout=CONNECTING_MS)
    admin.sandbox.ring_in("1001")
    expect(page.locator("#deliveries > li").first.locator(".became")).not_to_be_empty()
    passes_axe(page)
    page.get_by_role("button", name="Disconnect…").click()
    passes_axe(page)
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("link", name="Change…").click()
    passes_axe(page)


def test_status_changes_show_without_reloading(admin: Admin) -> None:
    admin.connects()
    page = admin.page
    page.get_by_role("link", name="Accounts").first.click()
    row = page.get_by_role("row", name="Head office")
    expect(row).to_contain_text("Active")
    expect(page.locator("#connection")).to_have_text("Live")
    (account,) = admin.accounts()
    with tenant_scope(account.tenant_id):
        set_status(account, PbxAccount.Status.DEGRADED, f"Kwebbl is slow: {HOSTILE}")
    expect(row).to_contain_text("Degraded")
    expect(row).to_contain_text(f"Kwebbl is slow: {HOSTILE}")
    expect(page.locator("#announce")).to_contain_text("Head office: degraded")
    assert page.title() != "broken"
