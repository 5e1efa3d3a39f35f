"""How long a stream waits before it connects again, and when that is forgotten."""

import pytest

from cti.streams.supervision import LONGEST_ASKED_FOR_SECONDS, LONGEST_WAIT_SECONDS, backoff


@pytest.mark.parametrize(("attempts", "longest"), [(0, 1), (1, 2), (2, 4), (6, 64), (7, 120), (50, 120)])
def test_waits_double_up_to_a_cap_with_full_jitter(attempts: int, longest: float) -> None:
    assert backoff(attempts, chance=lambda: 1.0) == longest
    assert backoff(attempts, chance=lambda: 0.25) == longest / 4
    assert backoff(attempts, chance=lambda: 0.0) == 0
    assert 0 <= backoff(attempts) <= longest <= LONGEST_WAIT_SECONDS


def test_what_the_vendor_asks_for_comes_first() -> None:
    assert backoff(0, 30, chance=lambda: 0.0) == 30
    assert backoff(2, 30, chance=lambda: 1.0) == 34
    assert backoff(0, 1e9, chance=lambda: 0.0) == LONGEST_ASKED_FOR_SECONDS
