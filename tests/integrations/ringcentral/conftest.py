"""The sandbox, with the company that shows RingCentral's face as freshly made."""

import pytest

from tests.sandbox.ringcentral.client import COMPANY
from tests.sandbox_server import SandboxHandle


@pytest.fixture
def sandbox(sandbox_process: SandboxHandle) -> SandboxHandle:
    sandbox_process.control("POST", f"/companies/{COMPANY}/reset")
    return sandbox_process
