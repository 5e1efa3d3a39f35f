import pytest

from tests.isolation.victim import Victim, make_victim
from tests.tenancy import Company, make_company


@pytest.fixture
def outsider(db: None) -> Company:
    return make_company("Acme")


@pytest.fixture
def victim(db: None) -> Victim:
    return make_victim()
