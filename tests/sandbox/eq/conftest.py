"""The emulated EQ, asked with its API key."""

import pytest

from tests.sandbox.eq.client import Eq
from tests.sandbox_server import SandboxHandle


@pytest.fixture
def eq(sandbox: SandboxHandle) -> Eq:
    return Eq(sandbox)
