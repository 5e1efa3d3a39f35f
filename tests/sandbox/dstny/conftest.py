"""The users of the emulated company, each with a ticket of their own."""

import pytest

from tests.sandbox.dstny.client import SERVICE, Dstny
from tests.sandbox_server import SandboxHandle


@pytest.fixture
def vera(sandbox: SandboxHandle) -> Dstny:
    """The administrator, 301."""
    return Dstny.of(sandbox, "vera")


@pytest.fixture
def wout(sandbox: SandboxHandle) -> Dstny:
    """302, in both groups."""
    return Dstny.of(sandbox, "wout")


@pytest.fixture
def xander(sandbox: SandboxHandle) -> Dstny:
    """303, an agent of Service."""
    return Dstny.of(sandbox, "xander")


@pytest.fixture
def service(sandbox: SandboxHandle) -> Dstny:
    """The service account."""
    return Dstny.of(sandbox, SERVICE)
