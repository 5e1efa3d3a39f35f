"""The sandbox's EQ company."""

import pytest

from tests.integrations.eq.live import COMPANY
from tests.sandbox_server import SandboxHandle


@pytest.fixture
def sandbox(sandbox_process: SandboxHandle) -> SandboxHandle:
    """As freshly started."""
    sandbox_process.control("POST", f"/companies/{COMPANY}/reset")
    return sandbox_process
