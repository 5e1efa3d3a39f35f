from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from tests.sandbox_server import SandboxHandle
from tests.servers import Server, url_of_test_database
from tests.stories.telling import Telling, connect


@pytest.fixture
def telling(
    committed_db: None, web_server: Server, sandbox_process: SandboxHandle, settings: Settings
) -> Callable[[str], Telling]:
    """Connects a company of its own to a vendor's PBX, which calls the product's hooks."""
    settings.PATCHBAY_PUBLIC_URL = web_server.url
    settings.DATABASE_URL = url_of_test_database()
    return lambda vendor: connect(vendor, sandbox_process, web_server)
