"""A vendor's PBX in bad weather, and what must be the same there and in the product when the sky clears."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.times import utc_now
from cti.calls.upkeep import close_lost_calls
from integrations.models import PbxAccount
from tenants.rls import tenant_scope
from tests.servers import wait_until
from tests.stories.telling import Telling, keep_up

CALLS, MISSED, EVENTS_PER_SECOND = 40, 5, 100
SETTLE_SECONDS = 60.0
DELIVERIES = {"duplicate": 0.3, "reorder": 0.3, "reorder_ms": 150}
ANSWERS = {"rate_limited": 0.05, "server_errors": 0.05, "slow_ms": 10}


@dataclass
class Weather:
    """A vendor's PBX that is connected to the product, and what goes wrong."""

    pbx: Telling

    def set(self, group: str, **values: Any) -> None:
        self.pbx.sandbox.set(group, self.pbx.office.slug, **values)

    def do(self, path: str, **fields: Any) -> Any:
        return self.pbx.sandbox.control("POST", f"/companies/{self.pbx.office.slug}{path}", **fields)

    def burst(self, calls: int = CALLS) -> None:
        self.do("/burst", calls=calls, events_per_second=EVENTS_PER_SECOND)

    def at_the_pbx(self) -> dict[str, bool]:
        """Of each customer who called: whether nobody answered."""
        log = self.pbx.sandbox.control("GET", f"/companies/{self.pbx.office.slug}/log")
        return {each["remote"]["number"].lstrip("+"): each["missed"] for each in log}

    def ring_in_vain(self) -> None:
        """Customers who hang up before anybody answers."""
        for number in range(MISSED):
            call_id = self.pbx.sandbox.ring_in(self.pbx.office.anna, self.pbx.office.slug, caller=f"3165000000{number}")
            self.pbx.act(call_id, "hangup")

    def here(self) -> dict[str, bool] | None:
        """The same, as the product has it; None while calls go on."""
        calls = self.pbx.calls()
        shown = {call.from_number.lstrip("+"): bool(call.snapshot["missed"]) for call in calls}
        assert len(shown) == len(calls), "a customer's call is shown twice"
        return shown if all(call.state == "ended" for call in calls) else None

    def agrees(self, *, answers: bool) -> bool:
        """The product's calls are the PBX's, and so are the missed ones; or else whatever is missed there is missed here.

        Dstny's users' webhooks don't tell that a call was answered, and nobody can be told of a call that is over by then.
        CallGear's notifications have no time that counts: a talk that is told of after its call's end is none any more.
        """
        here, there = self.here(), self.at_the_pbx()
        if here is None or here.keys() != there.keys():
            return False
        return here == there if answers else all(here[number] for number, missed in there.items() if missed)

    def clears_up(self) -> None:
        """No more faults; then upkeep finds what has gone, makes it anew, and compares the calls."""
        self.set("faults", **dict.fromkeys((*DELIVERIES, *ANSWERS), 0))
        later = utc_now() + timedelta(hours=5)
        wait_until(lambda: self._is_kept_up(later), SETTLE_SECONDS, "upkeep goes well, and no call is left")

    def keeps_up(self) -> None:
        """All upkeep that is due within the next hour."""
        keep_up(self.pbx.account, utc_now() + timedelta(hours=1))

    def _is_kept_up(self, now: datetime) -> bool:
        keep_up(self.pbx.account, now)
        close_lost_calls(now)  # for vendors that can't list their calls; deliveries may still come
        with tenant_scope(self.pbx.company.tenant.id):
            self.pbx.account.refresh_from_db()
        return self.pbx.account.status == PbxAccount.Status.ACTIVE and self.here() is not None

    def assert_told_properly(self) -> None:
        """The log has no gap, and each call one beginning and one end."""
        log = self.pbx.log()
        assert [event["sequence"] for event in log] == list(range(1, len(log) + 1))
        for call in self.pbx.calls():
            story = self.pbx.story_of(call)
            assert (story[0], story[-1]) == ("call.originated", "call.cleared")
            assert story.count("call.originated") == story.count("call.cleared") == 1
