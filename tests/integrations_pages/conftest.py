from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from pytest_django.fixtures import Settings

from common.http import Network
from integrations import registry, schedule
from tests.listening import Handler, listening
from tests.tenancy import Company, make_company

LOOPBACK = "127.0.0.0/8"


@pytest.fixture(scope="session")
def pbx_url() -> Iterator[str]:
    """The address of a host that answers, if only that it has nothing there."""
    with listening(Handler) as url:
        yield f"{url}/api"


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
