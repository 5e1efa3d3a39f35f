from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from tests.sandbox_server import SandboxHandle
from tests.servers import Server, url_of_test_database
from tests.stories.telling import POLLED, Telling, connect
from tests.streams.conftest import running_streams


@pytest.fixture(scope="package")
def streams(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """What keeps connections and polls, for all stories."""
    log = tmp_path_factory.mktemp("stories") / "streams.log"
    with django_db_blocker.unblock(), running_streams(log, manage="tests.stories.process") as server:
        yield server


@pytest.fixture
def telling(
    committed_db: None,
    web_server: Server,
    sandbox_process: SandboxHandle,
    settings: Settings,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[[str], Telling]]:
    """Connects a company of its own to a vendor's PBX, which calls the product's hooks, or is polled; gone afterwards."""
    settings.PATCHBAY_PUBLIC_URL = web_server.url
    settings.DATABASE_URL = url_of_test_database()
    made: list[Telling] = []

    def tell(vendor: str) -> Telling:
        if vendor in POLLED:
            request.getfixturevalue("streams")
        made.append(connect(vendor, sandbox_process, web_server))
        return made[-1]

    yield tell
    for each in made:
        each.disconnect()
