"""Differences between polls, as pure functions: nothing is lost or told twice, and what is missing once is only missing."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from integrations.contract.things import QueueStats
from integrations.vendors.eq.agents import AgentRow, QueueRow, agent_row, queue_row
from integrations.vendors.eq.calls import Change
from integrations.vendors.eq.diff import Changes, Picture, Seen, differences, together
from integrations.vendors.eq.events import told
from integrations.vendors.eq.wire import Record
from tests.integrations.eq.live import parsed
from tests.integrations.eq.pictures import NOON, line, outgoing, parked, picture, queued

NOTHING = picture()


def steps(*pictures: Picture) -> list[Changes]:
    seen, found = Seen(), []
    for each in pictures:
        changes, seen = differences(seen, each)
        found.append(changes)
    return found


def said(changes: Changes) -> list[tuple[str, str]]:
    return [(each.change.value, each.row.place) for each in changes.rows]


def test_the_same_again_says_nothing() -> None:
    shown = picture(line("502"), queued(), parked())
    first, second = steps(shown, shown)
    assert [place for _, place in said(first)] == ["601", "502", "801"]
    assert not second


def test_what_is_missing_once_is_not_gone() -> None:
    talking = picture(line("502", "talking"))
    assert [said(each) for each in steps(talking, NOTHING, talking, NOTHING, NOTHING)] == [
        [("shown", "502")],
        [],
        [],
        [],
        [("gone", "502")],
    ]


def test_what_is_repeated_counts_once() -> None:
    ringing = line("502")
    (changes,) = steps(picture(ringing, ringing, dict(ringing)))
    assert said(changes) == [("shown", "502")]


def test_an_older_answer_takes_nothing_back() -> None:
    ringing, talking = picture(line("502")), picture(line("502", "talking"))
    assert [len(each.rows) for each in steps(ringing, talking, ringing, talking)] == [1, 1, 0, 0]


def test_a_time_that_jumps_makes_no_other_call() -> None:
    def at(seconds: int) -> Picture:
        return picture(line("502", "talking", None, startTime=seconds))

    first, *others = steps(at(1769860800), at(1769860801), at(17), at(1769860900))
    assert said(first) == [("shown", "502")]
    assert not any(others)


def test_a_channel_that_comes_again_later_is_another_call() -> None:
    """Asterisk counts channels from the beginning when it is started again."""
    first = picture(line("502", "talking", None, startTime=1769860800))
    later = picture(line("502", "talking", None, startTime=1769869999))
    found = steps(first, NOTHING, NOTHING, later)
    keys = {each.row.key for changes in found for each in changes.rows}
    assert len(keys) == 2


def test_who_answers_ends_the_others_ringing_at_once() -> None:
    ringing = picture(line("501"), line("502"))
    _, changes = steps(ringing, picture(line("502", "talking")))
    assert [(each.change, each.row.place, each.reason) for each in changes.rows] == [
        (Change.SHOWN, "502", None),
        (Change.GONE, "501", "answered_elsewhere"),
    ]


def test_two_who_call_the_same_number_are_two_calls() -> None:
    changes = steps(picture(outgoing("501", "31600000001", unique=None), outgoing("502", "31600000001", unique=None)))
    assert [each.together for each in changes[0].rows] == [(), ()]


def test_an_id_that_is_repeated_for_everything_joins_nobody() -> None:
    rows = [
        {**line("501", "talking", None, callerId="31600000001"), "id": 1},
        {**line("502", "talking", None, callerId="31600000002"), "id": 1},
    ]
    assert [each.together for each in together(picture(*rows).rows)] == [(), ()]


# Agents and queues.


def agent(status: str = "available", extension: str | None = "502", **more: Any) -> AgentRow:
    fields = {"queue": "601", "agent": 2, "name": "Zeno", "extension": extension, "status": status, **more}
    return agent_row(Record(fields), {})


def queue(waiting: int = 0, longest: int = 0) -> QueueRow:
    return queue_row(Record({"queue": "601", "name": "Support", "callsWaiting": waiting, "longestWaitTime": longest}))


def test_agents_whose_state_changes_are_told() -> None:
    found = steps(
        *(Picture(agents=(each,)) for each in (agent(), agent(), agent("paused", pauseCode=6), agent("paused")))
    )
    assert [[(each.state, each.pause_code) for each in changes.agents] for changes in found] == [
        [("available", None)],
        [],
        [("paused", "6")],
        [("paused", None)],
    ]


def test_an_agent_who_sits_nowhere_any_more_is_signed_out_where_they_sat() -> None:
    for after in (Picture(agents=(agent("signedOut", None),)), NOTHING):
        _, changes, again = steps(Picture(agents=(agent(),)), after, after)
        assert [(each.extension, each.state) for each in changes.agents] == [("502", "logged_out")]
        assert not again


def test_an_agent_who_sits_elsewhere_is_signed_out_where_they_sat() -> None:
    _, changes = steps(Picture(agents=(agent(),)), Picture(agents=(agent(extension="503"),)))
    assert [(each.extension, each.state) for each in changes.agents] == [("502", "logged_out"), ("503", "available")]
    notices = parsed(told(NOON, changes))
    assert [each.vendor_extension_id for each in notices] == ["502", "503"]
    assert len({each.identity for each in notices}) == 2


def test_that_somebody_waits_longer_is_not_told() -> None:
    found = steps(*(Picture(queues=(queue(*each),)) for each in ((0, 0), (1, 1), (1, 2), (1, 3), (0, 0))))
    assert [[each.stats.waiting for each in changes.queues] for changes in found] == [[0], [1], [], [], [0]]
    assert found[1].queues[0].stats == QueueStats(waiting=1, longest_wait_s=1.0)


# Whatever comes.

_WORDS = st.sampled_from(["ringing", "dialing", "talking", "onHold", "Up", "Ring", "", "7", "ended"])
_ROWS = st.one_of(
    st.builds(line, st.sampled_from(["501", "502", "503"]), _WORDS, st.sampled_from([None, "1769860800.7", "x"])),
    st.builds(outgoing, st.sampled_from(["501", "502"]), st.sampled_from(["503", "31600000001", ""]), _WORDS),
    st.builds(queued, st.sampled_from(["601", ""]), st.sampled_from([None, "1769860800.7"])),
    st.builds(parked, st.sampled_from(["801", ""]), st.sampled_from([None, "1769860800.7"])),
)
_PICTURES = st.lists(st.lists(_ROWS, max_size=4), max_size=8)


@given(_PICTURES)
def test_every_row_that_is_shown_is_gone_in_the_end(rows: list[list[dict[str, Any]]]) -> None:
    alive: set[str] = set()
    for changes in steps(*(picture(*each) for each in rows), NOTHING, NOTHING):
        for each in changes.rows:
            if each.change is Change.SHOWN:
                alive.add(each.row.key)
            else:
                assert each.row.key in alive
            if each.change is Change.GONE:
                alive.remove(each.row.key)
            assert each.row.key not in each.together
    assert alive == set()


@given(_PICTURES)
def test_the_same_picture_again_only_ends_what_was_missing(rows: list[list[dict[str, Any]]]) -> None:
    seen = Seen()
    for each in rows:
        _, seen = differences(seen, picture(*each))
        changes, again = differences(seen, picture(*each))
        assert all(change.change is Change.GONE for change in changes.rows)
        seen = again
        assert not differences(seen, picture(*each))[0]
