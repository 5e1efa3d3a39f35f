""" "ACD/Attendant Group API" and the lists and logins of the "Distribution Group API"."""

from typing import Any

from sandbox.engine.directory import AgentState, Extension
from sandbox.engine.model import LegState
from sandbox.engine.switch import Switch
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import conflict, forbidden, unknown
from sandbox.faces.dstny.people import People, Person
from sandbox.faces.dstny.presence import Presence
from sandbox.faces.dstny.requests import Ask


class Groups:
    """A queue is an ACD group, to which its agents log in; the members of a ring group (ATTENDANT) always are."""

    def __init__(self, switch: Switch, people: People, presence: Presence) -> None:
        self.switch = switch
        self.people = people
        self.presence = presence

    def operations(self) -> dict[str, Handler]:
        return {
            "acd_groups": self.acd_groups,
            "acd_group": self.acd_group,
            "set_agent_login": self.set_agent_login,
            "groups": self.show_all,
            "group_login": self.log_in,
            "group_logout": self.log_out,
        }

    def of(self, person: Person) -> list[Extension]:
        """The groups that the user belongs to, logged in or not."""
        return [each for each in self.people.groups if person.extension.id in self.members(each)]

    def members(self, group: Extension) -> tuple[str, ...]:
        return tuple(group.queue.agents) if group.queue else group.members

    def is_logged_in(self, group: Extension, extension_id: str) -> bool:
        if group.queue is None:
            return extension_id in group.members
        agent = group.queue.agents.get(extension_id)
        return agent is not None and agent.state is not AgentState.LOGGED_OUT

    def logged_in(self, group: Extension) -> list[Person]:
        found = [self.people.at(each) for each in self.members(group) if self.is_logged_in(group, each)]
        return [each for each in found if each is not None]

    def free(self, group: Extension) -> list[Person]:
        """Logged in, available and on no call."""
        if group.queue is not None:
            agents = [each for each in group.queue.agents.values() if self.switch.queues.is_free(each)]
            people = [self.people.at(each.extension_id) for each in agents]
            return [each for each in people if each is not None]
        return [each for each in self.logged_in(group) if not self.presence.in_call(each)]

    def find(self, person: Person, group_id: str) -> Extension:
        """Raises ApiError: 404, or 403 for a group that isn't the user's."""
        group = self.people.group(group_id)
        if group not in self.of(person):
            raise forbidden(f"{person.id} is not in {group.name}")
        return group

    def acd_groups(self, ask: Ask) -> dict[str, Any]:
        shown = [self._show_acd(ask, each) for each in self.of(ask.person)]
        if ask.values.flag("ignoreAgents"):
            for each in shown:
                del each["agents"]
        return {"groups": shown}

    def acd_group(self, ask: Ask) -> dict[str, Any]:
        self._check_domain(ask.path["group_domain"])
        return self._show_acd(ask, self.find(ask.person, ask.path["group"]))

    def set_agent_login(self, ask: Ask) -> str:
        """Oneself, or as a service account or an administrator anybody."""
        agent = self.people.find(self.people.domain, ask.path["agent"])
        if not ask.is_service and ask.subject != agent and not (ask.subject and ask.subject.user.is_admin):
            raise forbidden(f"{ask.ticket.user_id} may not log in others")
        action = ask.values.choice("action", ("login", "logout"), "")
        self._set(self.find(agent, ask.path["group"]), agent, logged_in=action == "login")
        return action

    def show_all(self, ask: Ask) -> dict[str, Any]:
        return {"group": [self._show(ask.person, each) for each in self.of(ask.person)]}

    def log_in(self, ask: Ask) -> Any:
        return self._change(ask, logged_in=True)

    def log_out(self, ask: Ask) -> Any:
        return self._change(ask, logged_in=False)

    def _change(self, ask: Ask, *, logged_in: bool) -> Any:
        """ "Don't include statistics and immediately return an empty response" if so wanted."""
        self._check_domain(ask.path["group_domain"])
        self._set(self.find(ask.person, ask.path["group"]), ask.person, logged_in=logged_in)
        return None if ask.values.flag("ignoreStatistics") else self.show_all(ask)

    def _set(self, group: Extension, person: Person, *, logged_in: bool) -> None:
        if group.queue is None:
            raise conflict(f"The members of {group.name} are always logged in")
        if logged_in:
            self.switch.queues.log_in(group, person.extension)
        else:
            self.switch.queues.log_out(group, person.extension)

    def _check_domain(self, domain: str) -> None:
        if domain != self.people.domain:
            raise unknown("domain", domain)

    def _show(self, person: Person, group: Extension) -> dict[str, Any]:
        return {
            "id": int(self.people.group_id(group)),
            "domain": self.people.domain,
            "name": group.name,
            "type": self.people.group_type(group),
            "loggedIn": self.is_logged_in(group, person.extension.id),
            "nightMode": False,
            "loggedInAgents": len(self.logged_in(group)),
            "freeAgents": len(self.free(group)),
            "callsWaiting": len(self.waiting(group)),
        }

    def waiting(self, group: Extension) -> list[float]:
        """Since when each call waits here unanswered."""
        if group.queue is not None:
            return [each.created_at for each in self.switch.queues.waiting(group)]
        calls = self.switch.company.calls.values()
        mine = [each for each in calls if each.via is not None and each.via.extension is group]
        return [each.created_at for each in mine if each.in_state(LegState.ALERTING)]

    def _show_acd(self, ask: Ask, group: Extension) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": int(self.people.group_id(group)),
            "domain": self.people.domain,
            "name": group.name,
            "type": self.people.group_type(group),
            "loggedIn": self.is_logged_in(group, ask.person.extension.id),
            "nightMode": False,
            "agents": [self._show_agent(group, each) for each in self.members(group)],
            "roles": [{"type": "AGENT"}],
            "allowUsingFunctionNumber": True,
            "distributionType": "LONGEST_IDLE" if group.queue else "PRIORITY",
        }
        if not ask.values.flag("ignoreStatistics"):
            shown["statistic"] = {
                "numberOfLoggedInAgents": len(self.logged_in(group)),
                "numberOfFreeAgents": len(self.free(group)),
                "numberOfCallsInQueue": len(self.waiting(group)),
            }
        return shown

    def _show_agent(self, group: Extension, extension_id: str) -> dict[str, Any]:
        """As in the document's example, which names no user id."""
        extension = self.switch.company.extensions[extension_id]
        first, _, last = extension.name.partition(" ")
        return {
            "firstName": first,
            "activity": extension.settings.activity,
            "lastName": last,
            "skillLevel": 3,
            "isLoggedIn": self.is_logged_in(group, extension_id),
            "isAvailable": extension.settings.available,
        }
