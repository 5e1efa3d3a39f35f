"""What the agent page does when callers are hostile, lines die, sessions end, and several tabs are open."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, WebSocketRoute, expect
from pytest_django.fixtures import Settings

from integrations.models import Extension
from tenants.rls import tenant_scope
from tests.browser.desk import Desk, state_of
from tests.tenancy import PASSWORD

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=document.title='owned'><script>alert(1)</script>"


class Line:
    """The page's websocket, which goes to the real server unless it is cut."""

    def __init__(self, page: Page) -> None:
        self.is_cut = False
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/ws/v1/events", self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            socket.close(code=1001)
            return
        socket.connect_to_server()
        self.sockets.append(socket)

    def cut(self) -> None:
        self.is_cut = True
        self.sockets[-1].close(code=1001)


def test_a_hostile_name_is_only_text(desk: Desk) -> None:
    page = desk.open()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    call_id = desk.ring(name=HOSTILE)
    expect(page.locator(".call").get_by_role("heading")).to_have_text(HOSTILE)
    expect(page).to_have_title(f"☎ {HOSTILE} is calling")
    desk.sandbox.act(call_id, "hangup")
    expect(page.locator("#today .name")).to_have_text(HOSTILE)
    assert page.locator("img[src=x]").count() == 0
    assert dialogs == []


def test_the_line_dies_and_nothing_is_missed(desk: Desk) -> None:
    page = desk.context.new_page()
    line = Line(page)
    page.goto(f"{desk.web.url}/agent")
    expect(page.locator("#connection")).to_have_text("Live")
    talking = desk.ring(name="Jan de Boer")
    desk.picks_up(talking)
    expect(state_of(page.locator(".call"))).to_have_text("On the line")

    line.cut()
    expect(page.locator("#connection")).to_have_text("Reconnecting…")
    missed = desk.ring(name="Piet Missed")
    desk.sandbox.act(missed, "hangup")
    desk.sandbox.act(talking, "hold", extension="1001")
    desk.ring(name="Klaas Waiting")

    line.is_cut = False
    expect(page.locator("#connection")).to_have_text("Live", timeout=30_000)
    expect(state_of(page.locator(".call", has_text="Jan de Boer"))).to_have_text("On hold")
    expect(state_of(page.locator(".call", has_text="Klaas Waiting"))).to_have_text("Incoming call")
    expect(page.locator("#today li", has_text="Piet Missed")).to_contain_text("Missed")


def test_events_that_arrive_while_the_page_loads_count(desk: Desk) -> None:
    page = desk.context.new_page()
    held_back: list[Route] = []
    page.route("**/api/v1/calls?*", lambda route: held_back.append(route))  # noqa: PLW0108 - a builtin can't be a handler
    page.goto(f"{desk.web.url}/agent")
    expect(page.locator("#connection")).to_have_text("Live")
    call_id = desk.ring(name="Jan de Boer")
    answers = [(route, route.fetch()) for route in held_back]
    desk.picks_up(call_id)
    state = state_of(page.locator(".call"))
    expect(state).to_have_text("On the line")

    for route, answer in answers:
        with page.expect_response(route.request.url):
            route.fulfill(response=answer)
    expect(page.locator("#today-empty")).to_be_visible()
    expect(state).to_have_text("On the line")


def test_the_newest_call_is_on_top_whichever_the_page_knew_first(desk: Desk) -> None:
    desk.ring(name="Jan de Boer")
    page = desk.context.new_page()
    held_back: list[Route] = []
    page.route("**/api/v1/calls?*", lambda route: held_back.append(route))  # noqa: PLW0108 - a builtin can't be a handler
    page.goto(f"{desk.web.url}/agent")
    expect(page.locator("#connection")).to_have_text("Live")
    desk.ring(name="Piet Later")
    expect(page.locator(".call h3")).to_have_text(["Piet Later"])
    for route in held_back:
        route.continue_()
    expect(page.locator(".call h3")).to_have_text(["Piet Later", "Jan de Boer"])


def test_an_ended_session_never_loses_what_was_typed(desk: Desk, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]  # the web process knows no other
    desk.member.user.set_password(PASSWORD)
    desk.member.user.save()
    desk.log_in(desk.member.user)
    page = desk.open()
    call_id = desk.ring(name="Jan de Boer")
    desk.picks_up(call_id)
    page.locator(".call").get_by_role("button", name="Transfer").click()
    page.get_by_label("Transfer to").fill("1002")
    page.get_by_label("Number or colleague").fill("020 308 07 00")
    Session.objects.all().delete()

    page.get_by_label("Number or colleague").press("Enter")
    expect(page.locator("#signed-out")).to_be_visible()
    page.get_by_role("link", name="Log in again").click()
    page.get_by_label("E-mail").fill(desk.member.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    expect(page.locator("#connection")).to_have_text("Live")
    expect(page.get_by_label("Number or colleague")).to_have_value("020 308 07 00")
    expect(page.get_by_label("Transfer to")).to_have_value("1002")
    expect(page.get_by_label("Transfer to")).to_be_visible()


def test_only_the_tab_looked_at_last_pops(desk: Desk) -> None:
    page, other = desk.open(), desk.open()
    desk.ring(name="Jan de Boer")
    expect(other.locator("#announce-now")).to_have_text("Incoming call from Jan de Boer")
    expect(state_of(page.locator(".call"))).to_have_text("Incoming call")
    expect(page.locator("#announce-now")).to_be_empty()


def test_without_a_line_it_says_what_an_admin_has_to_do(desk: Desk) -> None:
    with tenant_scope(desk.company.tenant.id):
        Extension.objects.update(member=None)
    page = desk.context.new_page()
    page.goto(f"{desk.web.url}/agent")
    expect(page.get_by_role("heading", name="No line yet")).to_be_visible()
    expect(page.locator("#connection")).to_have_count(0)


def test_a_page_opened_during_a_call_shows_it(desk: Desk) -> None:
    call_id = desk.ring(name="Jan de Boer")
    desk.picks_up(call_id)
    page = desk.open()
    expect(state_of(page.locator(".call"))).to_have_text("On the line")


def test_news_takes_the_focus_from_nobody(desk: Desk) -> None:
    page = desk.open()
    desk.sandbox.act(desk.ring(name="Jan de Boer"), "hangup")
    button = page.get_by_role("button", name="Call Jan de Boer")
    button.focus()
    desk.sandbox.act(desk.ring(name="Piet Later"), "hangup")
    expect(page.get_by_role("button", name="Call Piet Later")).to_be_visible()
    expect(button).to_be_focused()


def test_the_chosen_theme_stays(desk: Desk) -> None:
    page = desk.open()
    page.get_by_role("button", name="Switch between light and dark").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_nothing_is_wider_than_a_small_phone(desk: Desk) -> None:
    page = desk.open()
    page.set_viewport_size({"width": 380, "height": 800})
    call_id = desk.ring(name="Gemeenschappelijke" * 6)
    desk.picks_up(call_id)
    expect(state_of(page.locator(".call"))).to_have_text("On the line")
    page.locator(".call").get_by_role("button", name="Transfer").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 380
