"""The API's documentation pages."""

import pytest
from django.test import Client

from cti.api.errors import ERROR_CODES
from tests.tenancy import HOST

pytestmark = pytest.mark.django_db


def test_every_problem_type_leads_to_its_explanation() -> None:
    html = Client(headers={"host": HOST}).get("/api/docs/errors").content.decode()
    assert [code for code in ERROR_CODES if f'id="{code}"' not in html] == []


def test_the_description_is_read_from_our_own_address() -> None:
    html = Client(headers={"host": HOST}).get("/api/docs").content.decode()
    assert 'data-schema="/api/v1/openapi.json"' in html
