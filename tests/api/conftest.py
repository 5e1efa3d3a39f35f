import pytest

from tests.api.world import World, make_world
from tests.tenancy import make_company


@pytest.fixture
def acme(db: None) -> World:
    """A company with a connected Kwebbl account and two extensions."""
    return make_world(make_company("Acme"))


@pytest.fixture
def globex(db: None) -> World:
    """Another company, whose things must never be found."""
    return make_world(make_company("Globex"))
