import pytest

from tests.tenancy import Company, make_company


@pytest.fixture
def acme(db: None) -> Company:
    return make_company("Acme")


@pytest.fixture
def globex(db: None) -> Company:
    return make_company("Globex")
