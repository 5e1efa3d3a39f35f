""" "License", "License Usage" and "Configuration Check". Their shapes are not in the document."""

from typing import Any

from sandbox.engine.switch import Switch
from sandbox.faces.eq.dispatch import Handler
from sandbox.faces.eq.records import Records
from sandbox.faces.eq.requests import Ask
from sandbox.faces.eq.sessions import Kind, Sessions

_AGENTS, _SUPERVISORS = 25, 5
_EXPIRES_AFTER_S = 365 * 86400


class System:
    """An invented licence, of which much is left."""

    def __init__(self, switch: Switch, records: Records, sessions: Sessions) -> None:
        self.company = switch.company
        self.records = records
        self.sessions = sessions

    def operations(self) -> dict[str, Handler]:
        return {"license": self.license, "license_usage": self.usage, "configuration_check": self.check}

    def license(self, _: Ask) -> dict[str, Any]:
        return {
            "licensee": self.company.name,
            "type": "demo",
            "agents": _AGENTS,
            "supervisors": _SUPERVISORS,
            "expires": int(self.company.now()) // 86400 * 86400 + _EXPIRES_AFTER_S,
        }

    def usage(self, _: Ask) -> dict[str, Any]:
        """Of users who are signed in, against how many may be."""
        return {
            "agents": len(self.sessions.active(Kind.AGENT)),
            "supervisors": len(self.sessions.active(Kind.SUPERVISOR)),
        }

    def check(self, _: Ask) -> dict[str, Any]:
        """ "Problems in the configuration of the system": queues that nobody is bound to, phones that aren't registered."""
        bound = {number for agent in self.records.agents for number in agent.queues}
        problems = [
            {"type": "callQueueWithoutAgents", "callQueue": each.key}
            for each in self.records.queues
            if each.key not in bound
        ]
        problems += [
            {"type": "extensionNotRegistered", "extension": each.number}
            for each in self.company.extensions.values()
            if each.is_user and each.devices and not each.online
        ]
        return {"ok": not problems, "problems": problems}
