"""One installation and one sandbox for all faults; each test is a tenant of its own in it."""

from collections.abc import Callable, Iterator

import pytest

from tests.faults.installation import Installation, running_installation
from tests.faults.weather import Weather
from tests.sandbox_server import SandboxHandle
from tests.stories.conftest import streams, telling
from tests.stories.telling import Telling

__all__ = ("streams", "telling")
PATIENT = {"attempts": 120, "first_retry_s": 0.1, "longest_retry_s": 0.5}


@pytest.fixture(scope="package")
def installation(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Installation]:
    with running_installation(tmp_path_factory.mktemp("faults")) as running:
        yield running


@pytest.fixture
def sandbox(sandbox_process: SandboxHandle) -> SandboxHandle:
    """As freshly started, but patient: it sends each call's events in order, doubles some, and retries for a minute."""
    sandbox_process.control("POST", "/companies/acme/reset")
    sandbox_process.set("delivery", ordering="call", **PATIENT)
    sandbox_process.set("faults", duplicate=0.1)
    return sandbox_process


@pytest.fixture
def weather(telling: Callable[[str], Telling]) -> Iterator[Callable[[str], Weather]]:
    """Connects a company of its own to a vendor's PBX; the sky is clear afterwards."""
    made: list[Weather] = []

    def begin(vendor: str) -> Weather:
        made.append(Weather(telling(vendor)))
        made[-1].set("delivery", **PATIENT)
        return made[-1]

    yield begin
    for each in made:
        each.do("/reset")
