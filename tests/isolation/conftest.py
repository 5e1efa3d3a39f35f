from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.isolation.stock import Stock, stocked


@pytest.fixture(scope="session")
def outsider(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stock]:
    """Whose credentials are tried on what isn't theirs."""
    with django_db_blocker.unblock():
        yield stocked("Acme-Curious")


@pytest.fixture(scope="session")
def victim(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stock]:
    """Whose things are tried, in vain: what one test does leaves them as they were for the next."""
    with django_db_blocker.unblock():
        yield stocked("Globex-Confidential")


@pytest.fixture
def owner(committed_db: None) -> Stock:
    """Somebody who does what he likes with what is his."""
    return stocked("Initech")
