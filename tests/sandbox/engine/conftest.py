"""Every test has an office of its own."""

import pytest

from tests.sandbox.engine.office import Office


@pytest.fixture
def office() -> Office:
    return Office()
