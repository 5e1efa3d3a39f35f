"""When a poller asks, by a clock of the test's own."""

import asyncio

import pytest

from integrations.contract.adapter import Account
from integrations.contract.errors import VendorUnavailable
from integrations.contract.polling import (
    LONGEST_PAUSE_S,
    LONGEST_QUIET_S,
    QUIET_TIMES,
    Pace,
    interval_s,
    interval_setting,
)

FAST, QUIET = 1.0, 5.0


class Time:
    """Passes only while somebody sleeps, or works."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def pace_of(time: Time, fast: float = FAST, chance: float = 0.0, news: asyncio.Event | None = None) -> Pace:
    return Pace(fast, news=news, clock=time, sleep=time.sleep, chance=lambda: chance)


async def steps(pace: Pace, time: Time, *, took: tuple[float, ...] = (), count: int = 4) -> list[float]:
    """When each step came, after the start; each asking takes as long as told."""
    began, came = time.now, []
    for seconds in (*took, *[0.0] * (count - len(took))):
        await anext(pace)
        came.append(round(time.now - began, 6))
        time.now += seconds
    return came


async def is_quiet(pace: Pace) -> bool:
    """Whether the next step waits for news, instead of sleeping by the test's clock."""
    step = asyncio.ensure_future(anext(pace))
    for _ in range(10):
        await asyncio.sleep(0)
    waits = not step.done()
    step.cancel()
    return waits


async def test_while_it_is_quiet_the_vendor_is_asked_seldom_and_with_calls_often(time: Time) -> None:
    pace = pace_of(time)
    assert await steps(pace, time, count=3) == [0, QUIET, 2 * QUIET]
    pace.busy = True
    assert await steps(pace, time, count=3) == [FAST, 2 * FAST, 3 * FAST]
    pace.busy = False
    assert await steps(pace, time, count=2) == [QUIET, 2 * QUIET]


async def test_the_second_question_comes_after_a_random_part_of_the_interval(time: Time) -> None:
    assert await steps(pace_of(time, chance=0.75), time) == [0, 1.25, 6.25, 11.25]
    pace = pace_of(time, chance=0.75)
    await anext(pace)
    pace.busy = True
    assert await steps(pace, time, count=3) == [0.25, 1.25, 2.25]


async def test_asking_takes_nothing_from_the_pace(time: Time) -> None:
    pace = pace_of(time)
    pace.busy = True
    assert await steps(pace, time, took=(0.3, 0.9, 0.1, 0.5), count=5) == [0, 1, 2, 3, 4]


async def test_what_was_missed_is_left_out(time: Time) -> None:
    pace = pace_of(time)
    pace.busy = True
    assert await steps(pace, time, took=(0.0, 2.3, 0.0), count=5) == [0, 1, 4, 5, 6]


async def test_a_vendor_that_asks_for_a_pause_gets_it(time: Time) -> None:
    pace = pace_of(time)
    pace.busy = True
    await steps(pace, time, count=2)
    pace.heed(VendorUnavailable("slow down", retry_after=7.5))
    assert await steps(pace, time, count=3) == [7.5, 8.5, 9.5]


@pytest.mark.parametrize("retry_after", [None, LONGEST_PAUSE_S + 1])
async def test_any_other_trouble_ends_the_stream(time: Time, retry_after: float | None) -> None:
    pace = pace_of(time)
    await steps(pace, time, count=2)
    with pytest.raises(VendorUnavailable, match="gone"):
        pace.heed(VendorUnavailable("gone", retry_after=retry_after))


async def test_a_first_question_that_fails_ends_the_stream(time: Time) -> None:
    pace = pace_of(time)
    await anext(pace)
    with pytest.raises(VendorUnavailable, match="slow down"):
        pace.heed(VendorUnavailable("slow down", retry_after=1))


@pytest.mark.parametrize(("fast", "quiet"), [(0.5, 2.5), (4, LONGEST_QUIET_S), (20, 20)])
async def test_quiet_is_several_times_as_long_but_not_too_long(time: Time, fast: float, quiet: float) -> None:
    assert await steps(pace_of(time, fast), time, count=3) == [0, quiet, 2 * quiet]


async def test_an_adapter_says_how_much_seldomer_a_quiet_vendor_is_asked(time: Time) -> None:
    pace = Pace(0.5, quiet_times=2, clock=time, sleep=time.sleep, chance=lambda: 0)
    assert await steps(pace, time, count=3) == [0, 1, 2]


async def test_news_while_a_quiet_vendor_is_asked_make_the_next_question_come_soon(time: Time) -> None:
    news = asyncio.Event()
    pace = pace_of(time, news=news)
    await anext(pace)
    news.set()
    assert await steps(pace, time, count=5) == [1, 2, 3, 4, QUIET]
    assert await is_quiet(pace)


async def test_news_wake_a_poller_that_waits() -> None:
    news = asyncio.Event()
    pace = Pace(0.001, quiet_times=1_000_000, news=news, chance=lambda: 0)
    await anext(pace)
    waiting = asyncio.ensure_future(anext(pace))
    await asyncio.sleep(0)
    assert not waiting.done()
    news.set()
    await asyncio.wait_for(waiting, LONGEST_QUIET_S / 2)
    assert not news.is_set()


async def test_what_was_told_before_a_question_is_no_news_after_it(time: Time) -> None:
    news = asyncio.Event()
    pace = pace_of(time, news=news)
    await anext(pace)
    pace.busy = True
    news.set()
    assert await steps(pace, time, count=2) == [FAST, 2 * FAST]
    assert not news.is_set()


async def test_with_calls_news_make_nobody_ask_sooner(time: Time) -> None:
    """A poller hears of what it has told itself, too."""
    news = asyncio.Event()
    pace = pace_of(time, news=news)
    pace.busy = True
    came = []
    for _ in range(4):
        await anext(pace)
        came.append(time.now - 100.0)
        news.set()
        time.now += 1.3
    assert came == [0, 2, 4, 6]


async def test_news_make_nobody_ask_during_a_pause(time: Time) -> None:
    news = asyncio.Event()
    pace = pace_of(time, news=news)
    await anext(pace)
    pace.rest(7.5)
    news.set()
    assert await steps(pace, time, count=1) == [7.5]
    assert await is_quiet(pace)


def test_the_account_says_how_often() -> None:
    account = Account("acc", "https://pbx.example", settings={"poll_interval_ms": 2500})
    assert interval_s(account) == 2.5
    assert interval_s(Account("acc", "https://pbx.example")) == 1.0


def test_forms_say_what_the_setting_means() -> None:
    assert interval_setting()["default"] == 1000
    assert f"{QUIET_TIMES} times" in interval_setting()["description"]
    assert "2 times" in interval_setting(2)["description"]
