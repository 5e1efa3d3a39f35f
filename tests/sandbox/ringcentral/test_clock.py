"""What depends on time, with the clock moved by hand: replayed refresh tokens, and the penalty of rate limits."""

from dataclasses import dataclass

import pytest

from sandbox.engine.directory import User
from sandbox.faces.ringcentral.client_app import ClientApp
from sandbox.faces.ringcentral.errors import ApiError
from sandbox.faces.ringcentral.grants import Grants, Lifetimes
from sandbox.faces.ringcentral.rate_limits import Group, RateLimits

LIFETIMES = Lifetimes(3600, 604800)
ROSA = User("rosa@acme.example", "demo-rosa", "101")


@dataclass
class Clock:
    """Call it for the time."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def grants(clock: Clock) -> Grants:
    return Grants(ClientApp("client", "secret"), clock)


@pytest.fixture
def limits(clock: Clock) -> RateLimits:
    return RateLimits(ClientApp("client", "secret"), clock)


@pytest.mark.parametrize(
    ("used", "seconds", "replayed"), [(True, 9, True), (True, 11, False), (False, 3599, True), (False, 3601, False)]
)
def test_used_refresh_token_can_be_replayed_for_a_while(
    grants: Grants, clock: Clock, used: bool, seconds: float, replayed: bool
) -> None:
    old = grants.begin(ROSA, None, LIFETIMES).refresh_token
    fresh = grants.rotate(old, LIFETIMES)
    assert fresh is not None
    pair = (fresh.access_token, fresh.refresh_token)
    if used:
        assert grants.use(fresh)
    clock.at += seconds
    again = grants.rotate(old, LIFETIMES)
    assert (again is not None) is replayed
    assert (fresh.access_token, fresh.refresh_token) == pair


def test_refresh_token_expires(grants: Grants, clock: Clock) -> None:
    grant = grants.begin(ROSA, None, LIFETIMES)
    clock.at += 604801
    assert grants.rotate(grant.refresh_token, LIFETIMES) is None


def test_access_token_expires(grants: Grants, clock: Clock) -> None:
    grant = grants.begin(ROSA, None, LIFETIMES)
    clock.at += 3599
    assert grants.use(grant)
    clock.at += 1
    assert not grants.use(grant)


def refused(limits: RateLimits) -> bool:
    try:
        limits.count(ROSA.email, Group.HEAVY)
    except ApiError as error:
        return error.status == 429
    return False


def test_window_ends_after_a_minute(limits: RateLimits, clock: Clock) -> None:
    assert [refused(limits) for _ in range(10)] == [False] * 10
    clock.at += 60
    assert [refused(limits) for _ in range(10)] == [False] * 10


def test_penalty_is_restarted_by_each_request(limits: RateLimits, clock: Clock) -> None:
    assert [refused(limits) for _ in range(11)][-1]
    for _ in range(3):
        clock.at += 59
        assert refused(limits)
    clock.at += 60
    assert not refused(limits)
