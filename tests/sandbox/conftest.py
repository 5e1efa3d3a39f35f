"""One sandbox process for all tests here; each test finds it as freshly started."""

from collections.abc import Iterator

import pytest

from tests.sandbox.kwebbl import Kwebbl
from tests.sandbox.receiver import Receiver
from tests.sandbox_server import SandboxHandle


@pytest.fixture
def sandbox(sandbox_process: SandboxHandle) -> SandboxHandle:
    sandbox_process.control("POST", "/reset")
    return sandbox_process


@pytest.fixture
def admin(sandbox: SandboxHandle) -> Kwebbl:
    """Acme's admin, with every scope."""
    return Kwebbl.authorized(sandbox)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver.listening() as receiver:
        yield receiver
