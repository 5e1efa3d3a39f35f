"""The PBX of these tests is what it says: else a new capability would go untried above the adapters."""

from tests.everything import EverythingPbx
from tests.integrations.test_adapters import METHODS, overridden


def test_the_pbx_that_can_do_everything_does_all_that_it_declares() -> None:
    expected = {method for capability in EverythingPbx.declared for method in METHODS[capability]}
    assert {method for method in expected if not overridden(EverythingPbx, method)} == set()
