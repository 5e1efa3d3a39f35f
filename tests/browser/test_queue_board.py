"""static/js/queues.js: what is known of queues and their agents, from snapshots and events; what agents can do."""

from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
NOON = "2026-01-31T12:00:00.000Z"
LATER = "2026-01-31T12:01:30.000Z"
STATS = {"waiting": None, "longest_wait_s": None, "agents_available": None, "agents_logged_in": None}
LUNCH = {"code": "3", "name": "Lunch"}
FIRST = {"code": "1", "name": "Highest"}
EVERYTHING = {"queues": ["login", "logout", "pause", "resume", "end-wrap-up"]}


def queue(**fields: Any) -> dict[str, Any]:
    return {"id": "que_1", "name": "Help", "stats": STATS, "stats_at": None, "pause_codes": [], "skills": []} | fields


def agent(name: str, state: str, **fields: Any) -> dict[str, Any]:
    return {"extension_id": f"ext_{name}", "name": name, "state": state, "pause_code": None, "since": NOON} | fields


def ask(scripts: Page, body: str, *values: Any) -> Any:
    """What `body` makes of the values, as `a`, `b` and `c`; everything of the module is at hand as `of`."""
    script = f"""async ([a, b, c]) => {{
        const of = await import("/static/js/queues.js");
        const board = (queue, agents = []) => of.withAgents(of.withQueue(of.EMPTY_BOARD, queue), queue.id, agents);
        {body}
    }}"""
    return scripts.evaluate(script, [*values, None, None, None][:3])


def told(kind: str, **data: Any) -> dict[str, Any]:
    return {"type": kind, "occurred_at": LATER, "data": {"queue_id": "que_1", **data}}


def test_an_event_changes_the_agent_that_it_is_about(scripts: Page) -> None:
    known = [agent("Bob", "available"), agent("Alice", "available")]
    event = told("agent.state_changed", extension_id="ext_Bob", state="paused", pause_code="3")
    after = ask(scripts, "return of.agentsOf(of.withQueueEvent(board(a, b), c), a.id);", queue(), known, event)
    assert [(each["name"], each["state"], each["pause_code"], each["since"]) for each in after] == [
        ("Alice", "available", None, NOON),
        ("Bob", "paused", "3", LATER),
    ]


def test_who_is_on_a_call_is_not_available(scripts: Page) -> None:
    legs = [{"extension_id": f"ext_{name}", "state": "connected", "joined_at": LATER} for name in ("Bob", "Eve")]
    agents = [agent("Bob", "available"), agent("Eve", "paused"), agent("Zoe", "available")]
    after = ask(scripts, "return of.withoutTheBusy(a, new Map([['call_1', b]]));", agents, {"legs": legs})
    assert [(each["state"], each["since"]) for each in after] == [
        ("busy", LATER),
        ("paused", NOON),
        ("available", NOON),
    ]


def test_an_event_of_a_newcomer_adds_them(scripts: Page) -> None:
    event = told("agent.state_changed", extension_id="ext_Eve", state="available", name="Eve")
    after = ask(scripts, "return of.agentsOf(of.withQueueEvent(board(a), b), a.id);", queue(), event)
    assert [(each["name"], each["state"]) for each in after] == [("Eve", "available")]


def test_figures_that_are_not_told_stay(scripts: Page) -> None:
    known = queue(stats=STATS | {"waiting": 4, "agents_available": 2})
    event = told("queue.updated", stats={"waiting": 1, "agents_available": None})
    after = ask(scripts, "return of.withQueueEvent(board(a), b).queues.get(a.id);", known, event)
    assert (after["stats"]["waiting"], after["stats"]["agents_available"], after["stats_at"]) == (1, 2, LATER)


def test_an_event_of_an_unknown_queue_changes_nothing(scripts: Page) -> None:
    event = told("queue.updated", stats={"waiting": 1}) | {"data": {"queue_id": "que_2", "stats": {"waiting": 1}}}
    assert ask(scripts, "const before = board(a); return of.withQueueEvent(before, b) === before;", queue(), event)


@pytest.mark.parametrize(
    ("stats", "waiting_since", "seconds"),
    [
        ({"waiting": 2, "longest_wait_s": 30}, None, 120),
        ({"waiting": 0, "longest_wait_s": 30}, None, None),
        ({"waiting": None}, NOON, 90),
        ({"waiting": 3}, None, None),
    ],
)
def test_the_longest_wait_grows(
    scripts: Page, stats: dict[str, Any], waiting_since: str | None, seconds: int | None
) -> None:
    calls = [{"started_at": waiting_since}] if waiting_since else []
    known = queue(stats=STATS | stats, stats_at=NOON)
    assert ask(scripts, f"return of.longestWait(a, b, Date.parse('{LATER}'));", known, calls) == seconds


def test_who_waits_is_counted_also_while_the_call_rings(scripts: Page) -> None:
    def call(number: int, state: str, **fields: Any) -> dict[str, Any]:
        known = {"id": f"call_{number}", "queue_id": "que_1", "answered_at": None, "started_at": NOON}
        return known | {"state": state} | fields

    calls = [
        call(1, "alerting", started_at=LATER),
        call(2, "queued"),
        call(3, "connected", answered_at=NOON),
        call(4, "queued", queue_id="que_2"),
        call(5, "alerting", queue_id=None),
    ]
    found = ask(scripts, "return of.waitingCalls(new Map(a.map((c) => [c.id, c])), 'que_1').map((c) => c.id);", calls)
    assert found == ["call_2", "call_1"]


@pytest.mark.parametrize(
    ("state", "offers"),
    [
        ("logged_out", ["Sign in", "Sign in as…"]),
        ("available", ["Pause", "Sign out"]),
        ("busy", ["Pause", "Sign out"]),
        ("paused", ["Resume", "Sign out"]),
        ("wrap_up", ["Finish wrap-up", "Pause", "Sign out"]),
    ],
)
def test_what_an_agent_can_do(scripts: Page, state: str, offers: list[str]) -> None:
    known = queue(pause_codes=[LUNCH], skills=[FIRST])
    labels = "return of.queueOffers(a, b, c).map(({ label }) => label);"
    assert ask(scripts, labels, agent("Bob", state), known, EVERYTHING) == offers
    assert ask(scripts, labels, agent("Bob", state), known, {"queues": ["agents"]}) == []


def test_what_can_be_done_in_several_queues_at_once(scripts: Page) -> None:
    tea = {"code": "4", "name": "Tea"}
    one, other = queue(pause_codes=[LUNCH, tea]), queue(pause_codes=[LUNCH])
    body = """
        const [one, other] = b.map((agent, index) => of.queueOffers(agent, a[index], c));
        return of.commonOffers([one, other]).map(({ label, choices }) => [label, choices.map(({ name }) => name)]);
    """

    def common(*states: str) -> Any:
        return ask(scripts, body, [one, other], [agent("Bob", state) for state in states], EVERYTHING)

    assert common("available", "busy") == [["Pause in all", ["Without a reason", "Lunch"]], ["Sign out of all", []]]
    assert common("available", "paused") == [["Sign out of all", []]]
    assert common("logged_out", "logged_out") == [["Sign in to all", []]]
    assert common("logged_out", "paused") == []


def test_a_pause_is_told_with_its_reason(scripts: Page) -> None:
    def words(**fields: Any) -> Any:
        return ask(scripts, "return of.agentState(a, b);", agent("Bob", **fields), queue(pause_codes=[LUNCH]))

    assert words(state="paused", pause_code="3") == ["Paused: Lunch", "warn"]
    assert words(state="paused", pause_code="9") == ["Paused: 9", "warn"]
    assert words(state="paused") == ["Paused", "warn"]
    assert words(state="available", pause_code="3") == ["Available", "good"]


def test_agents_are_counted_where_their_states_are_told(scripts: Page) -> None:
    known = queue(stats=STATS | {"agents_available": 9, "agents_logged_in": 9})
    agents = [agent("Bob", "available"), agent("Eve", "paused"), agent("Zoe", "logged_out")]
    body = "return of.staffing(a, b, c);"
    assert ask(scripts, body, known, agents, {}) == {"available": 1, "loggedIn": 2}
    assert ask(scripts, body, known, [], {}) == {"available": 9, "loggedIn": 9}
    assert ask(scripts, body, known, agents, {"events": ["queues"]}) == {"available": 9, "loggedIn": 9}
