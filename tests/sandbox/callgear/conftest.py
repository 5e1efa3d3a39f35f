"""The user with the permanent key."""

import pytest

from tests.sandbox.callgear.client import CallGear
from tests.sandbox_server import SandboxHandle


@pytest.fixture
def callgear(sandbox: SandboxHandle) -> CallGear:
    return CallGear(sandbox)
