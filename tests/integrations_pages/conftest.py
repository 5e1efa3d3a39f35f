from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from threading import Thread

import pytest
from pytest_django.fixtures import Settings

from common.http import Network
from integrations import registry, schedule
from tests.tenancy import Company, make_company

LOOPBACK = "127.0.0.0/8"


class _Anything(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing."""


@pytest.fixture(scope="session")
def pbx_url() -> Iterator[str]:
    """The address of a host that answers, if only that it has nothing there."""
    with HTTPServer(("127.0.0.1", 0), _Anything) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api"
        server.shutdown()


@pytest.fixture(autouse=True)
def fake_pbx(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """One vendor more, on hosts of this machine; upkeep is nobody's business here."""
    monkeypatch.setitem(registry.ADAPTERS, "fake", "tests.integrations_pages.fake_pbx:FakePbx")
    monkeypatch.setattr(schedule, "wake", lambda *_: None)
    networks: list[Network] = [ip_network(LOOPBACK)]
    settings.PATCHBAY_ALLOWED_PRIVATE_NETWORKS = networks


@pytest.fixture
def company(committed_db: None) -> Company:
    return make_company()
