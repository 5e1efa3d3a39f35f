"""Invariant 4 and Idempotency-Key: a key that another tenant used, too, is a key that nobody used."""

from typing import Any

import pytest

from tests.isolation.stock import Stock

pytestmark = pytest.mark.usefixtures("committed_db")


def park(stock: Stock) -> Any:
    address = f"/api/v1/calls/{stock.ids['call']}/park"
    return stock.company.program().post(address, {}, "application/json", headers={"idempotency-key": "one key"})


def test_the_same_key_of_two_tenants_is_two_keys(outsider: Stock, victim: Stock) -> None:
    first, second, again = park(victim), park(outsider), park(outsider)
    assert (first.status_code, second.status_code) == (501, 501)
    assert second.json() == again.json()
    assert second.json()["request_id"] != first.json()["request_id"]
