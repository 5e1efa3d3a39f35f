"""The company that shows RingCentral's face, its users, and a receiver of notifications."""

from collections.abc import Iterator

import pytest

from tests.sandbox.ringcentral.client import SEM, TESS, RingCentral
from tests.sandbox.ringcentral.hook import Hook
from tests.sandbox_server import SandboxHandle


@pytest.fixture
def rosa(sandbox: SandboxHandle) -> RingCentral:
    """The administrator, extension 101."""
    return RingCentral.logged_in(sandbox)


@pytest.fixture
def sem(sandbox: SandboxHandle) -> RingCentral:
    """Extension 102, an ordinary user."""
    return RingCentral.logged_in(sandbox, SEM)


@pytest.fixture
def tess(sandbox: SandboxHandle) -> RingCentral:
    """Extension 103, an ordinary user."""
    return RingCentral.logged_in(sandbox, TESS)


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook.listening() as hook:
        yield hook
