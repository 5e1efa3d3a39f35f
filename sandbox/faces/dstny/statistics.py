""" "Queue Statistics API"."""

from collections import Counter
from typing import Any

from sandbox.engine.directory import Extension
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.grouplog import GroupLog
from sandbox.faces.dstny.groups import Groups
from sandbox.faces.dstny.people import People

_DAY_S = 86400


class Statistics:
    """ "The period" is the time since the sandbox started, or was reset."""

    def __init__(self, people: People, groups: Groups, log: GroupLog) -> None:
        self.people = people
        self.groups = groups
        self.log = log

    def operations(self) -> dict[str, Handler]:
        return {
            "queue_statistics": lambda _: self.of(self.people.groups),
            "queue_statistics_of": lambda ask: self.show(self.people.group(ask.path["group"])),
            "queue_statistics_for": lambda ask: self.of(self.groups.of(ask.person)),
        }

    def of(self, groups: list[Extension]) -> dict[str, Any]:
        return {"queue": [self.show(each) for each in groups]}

    def show(self, group: Extension) -> dict[str, Any]:
        now = self.people.company.now()
        waiting = self.groups.waiting(group)
        calls = self.log.of_group(group)
        waits = [each.queued_s for each in calls if each.type == "ANSWERED"]
        day = [each for each in calls if each.started_at > now - _DAY_S]
        present = Counter(each.extension.settings.activity for each in self.groups.logged_in(group))
        return {
            "name": group.name,
            "domain": self.people.domain,
            "number": self.people.number(group),
            "id": int(self.people.group_id(group)),
            "queueLength": len(waiting),
            "availableAgents": len(self.groups.free(group)),
            "loggedInAgents": len(self.groups.logged_in(group)),
            "longestWaiting": round(now - min(waiting, default=now)),
            "lastWait": round(waits[-1]) if waits else 0,
            "averageWait": round(sum(waits) / len(waits)) if waits else 0,
            "droppedCallsForPeriod": sum(each.type == "MISSED" for each in calls),
            "totalCallsForPeriod": len(calls),
            "answeredCallsForPeriod": len(waits),
            "totalCallsLast24h": len(day),
            "droppedCallsLast24h": sum(each.type == "MISSED" for each in day),
            "answeredCallsLast24h": sum(each.type == "ANSWERED" for each in day),
            "current-agent-presence": [{"name": name, "count": count} for name, count in present.items()],
        }
