"""A real Chromium, pages whose scripts come from static/ without a server, and an agent's desk with everything behind it."""

import mimetypes
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Error, Page, Route, expect, sync_playwright
from pytest_django.fixtures import Settings

from tenants.models import Role
from tests.browser.desk import Desk, make_desk, make_vendor_desk
from tests.sandbox_server import SandboxHandle, running_sandbox
from tests.servers import Server
from tests.stories.conftest import streams
from tests.stories.telling import POLLED

__all__ = ["streams"]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
expect.set_options(timeout=30_000)  # the machine may be busy with other tests
ORIGIN = "http://localhost"  # of plain http only localhost is a secure context, which Web Locks need


# Of the package, not the session: its event loop must be gone before asynchronous tests of other packages run.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        executable = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
        # Its loop runs in this thread, and Django takes that for asynchronous code.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="package")
def scripts(browser: Browser) -> Iterator[Page]:
    """An empty page that can `import("/static/js/…")`, shared by the tests of pure functions."""
    with _page_of_modules(browser) as page:
        yield page


@pytest.fixture
def modules(browser: Browser) -> Iterator[Page]:
    """As `scripts`, but a fresh page for what keeps state or timers."""
    with _page_of_modules(browser) as page:
        yield page


@contextmanager
def _page_of_modules(browser: Browser) -> Iterator[Page]:
    """An uncaught error in the page fails the test."""
    context = browser.new_context(locale="en-GB", timezone_id="Europe/Amsterdam")
    page = context.new_page()
    errors: list[Error] = []
    page.on("pageerror", lambda error: errors.append(error))  # noqa: PLW0108 - a builtin can't be a handler
    context.route(f"{ORIGIN}/**", _from_disk)
    page.goto(ORIGIN)
    yield page
    context.close()
    assert errors == []


@pytest.fixture(scope="package")
def sandbox() -> Iterator[SandboxHandle]:
    with running_sandbox() as handle:
        yield handle


@pytest.fixture
def desk(committed_db: None, web_server: Server, sandbox: SandboxHandle, browser: Browser) -> Iterator[Desk]:
    """An agent at work. An uncaught error in a tab fails the test."""
    sandbox.control("POST", "/companies/acme/reset")
    context = browser.new_context(locale="en-GB", timezone_id="Europe/Amsterdam")
    desk = make_desk(web_server, sandbox, context)
    yield desk
    context.close()
    assert desk.errors == []


@pytest.fixture
def desk_at(
    committed_db: None,
    web_server: Server,
    sandbox: SandboxHandle,
    browser: Browser,
    settings: Settings,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Desk]]:
    """Makes somebody at work with the PBX of a vendor (make_vendor_desk). An uncaught error in a tab fails the test."""
    settings.PATCHBAY_PUBLIC_URL = web_server.url
    context = browser.new_context(locale="en-GB", timezone_id="Europe/Amsterdam")
    desks: list[Desk] = []

    def make(vendor: str, who: str = "anna", role: Role = Role.AGENT) -> Desk:
        if vendor in POLLED:
            request.getfixturevalue("streams")
        desks.append(make_vendor_desk(vendor, web_server, sandbox, context, who, role))
        return desks[-1]

    yield make
    context.close()
    for desk in desks:
        desk.disconnect()
    assert [desk.errors for desk in desks] == [[] for _ in desks]


def _from_disk(route: Route) -> None:
    path = route.request.url.removeprefix(ORIGIN)
    if not path.startswith("/static/"):
        route.fulfill(body="<!doctype html><title>modules</title>", content_type="text/html")
        return
    file = Path(settings.BASE_DIR) / path.removeprefix("/")
    route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "text/plain")
