import pytest

from integrations import registry
from tests.api.anything import ADAPTER, Anything, make_anything
from tests.api.world import World, make_world
from tests.everything import EverythingPbx
from tests.tenancy import make_company


@pytest.fixture
def acme(db: None) -> World:
    """A company with a connected Kwebbl account and two extensions."""
    return make_world(make_company("Acme"))


@pytest.fixture
def globex(db: None) -> World:
    """Another company, whose things must never be found."""
    return make_world(make_company("Globex"))


@pytest.fixture
def anything(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> Anything:
    """A company whose PBX can do everything; it is asked in another thread, so the rows are committed."""
    monkeypatch.setitem(registry.ADAPTERS, EverythingPbx.key, ADAPTER)
    return make_anything(make_company("Acme"))
