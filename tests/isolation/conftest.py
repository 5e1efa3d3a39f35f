from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_django.plugin import DjangoDbBlocker

from integrations import registry
from tests.everything import EverythingPbx
from tests.isolation.stock import Stock, stocked


@pytest.fixture(autouse=True)
def everything() -> Iterator[None]:
    """The vendor that can do everything."""
    with registered():
        yield


@contextmanager
def registered() -> Iterator[None]:
    """For a while, unless it is already: other tests count the vendors."""
    vendors = dict(registry.ADAPTERS)
    registry.ADAPTERS[EverythingPbx.key] = f"{EverythingPbx.__module__}:{EverythingPbx.__name__}"
    try:
        yield
    finally:
        if EverythingPbx.key not in vendors:
            del registry.ADAPTERS[EverythingPbx.key]


@pytest.fixture(scope="session")
def outsider(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stock]:
    """Whose credentials are tried on what isn't theirs."""
    with django_db_blocker.unblock():
        yield stocked("Acme-Curious", "kwebbl")


@pytest.fixture(scope="session")
def victim(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stock]:
    """Whose things are tried, in vain: what one test does leaves them as they were for the next."""
    with django_db_blocker.unblock():
        yield stocked("Globex-Confidential", "kwebbl")


@pytest.fixture(scope="session")
def able_outsider(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stock]:
    """As `outsider`, with a PBX that can do everything."""
    with django_db_blocker.unblock():
        with registered():
            stock = stocked("Umbrella-Curious", EverythingPbx.key)
        yield stock


@pytest.fixture(scope="session")
def able_victim(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stock]:
    """As `victim`, with a PBX that can do everything."""
    with django_db_blocker.unblock():
        with registered():
            stock = stocked("Hooli-Confidential", EverythingPbx.key)
        yield stock


@pytest.fixture
def owner(committed_db: None) -> Stock:
    """Somebody who does what he likes with what is his."""
    return stocked("Initech", "kwebbl")
