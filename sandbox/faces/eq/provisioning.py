"""What administering each kind of entity does in the PBX: queues and extensions come and go, users are signed out."""

import uuid
from typing import Any

from sandbox.engine.directory import Device, Extension, Queue, QueueSettings
from sandbox.engine.switch import Switch
from sandbox.faces.eq import entities
from sandbox.faces.eq.administration import Entities
from sandbox.faces.eq.attributes import read
from sandbox.faces.eq.errors import ApiError, Problem, nonexistent, refused
from sandbox.faces.eq.records import Collection, Record, Records
from sandbox.faces.eq.requests import Values
from sandbox.faces.eq.sessions import Sessions

_UNLIMITED_S = 10 * 365 * 86400.0
_USUAL = QueueSettings()


def all_entities(switch: Switch, records: Records, sessions: Sessions) -> tuple[Entities, ...]:
    return (
        Users("supervisor", records.supervisors, records, sessions, entities.SUPERVISOR),
        Users("agent", records.agents, records, sessions, entities.AGENT),
        Queues(switch, records),
        Entities("pause_code", records.pause_codes, records, entities.PAUSE_CODE),
        Extensions(switch, records, sessions),
        Alerts(records),
    )


class Users(Entities):
    """Supervisors or agents."""

    def __init__(
        self, name: str, collection: Collection, records: Records, sessions: Sessions, attributes: entities.Attributes
    ) -> None:
        super().__init__(name, collection, records, attributes)
        self.sessions = sessions

    def deleted(self, record: Record) -> None:
        self.sessions.end_of(record)


class Queues(Entities):
    """ "The queue is removed completely from Asterisk", with those who wait in it; undeleted, it has nobody signed in."""

    def __init__(self, switch: Switch, records: Records) -> None:
        super().__init__("call_queue", records.queues, records, entities.QUEUE, key_name="extension")
        self.switch = switch

    def read(self, data: Values, record: Record | None = None) -> dict[str, Any]:
        """Its extension stays as it is."""
        return super().read(data) if record is None else read(entities.QUEUE_UPDATE, data, update=True)

    def created(self, record: Record) -> None:
        check_free(self.switch, record.key)
        queue = Extension(uuid.uuid4().hex, record.key, record.values["name"], queue=Queue())
        self._apply(queue, record.values)
        self.switch.administration.add(queue)

    def updated(self, record: Record, values: dict[str, Any]) -> None:
        super().updated(record, values)
        if queue := self.switch.company.extension(record.key):
            self._apply(queue, record.values)

    def deleted(self, record: Record) -> None:
        if queue := self.switch.company.extension(record.key):
            self.switch.administration.remove(queue)

    def undeleted(self, record: Record) -> None:
        self.created(record)

    def _apply(self, queue: Extension, values: dict[str, Any]) -> None:
        """Those attributes that the emulated PBX acts on."""
        queue.name = values["name"]
        if queue.queue is not None:
            wrap_up, settings = values["wrapUpTime"], queue.queue.settings
            settings.wrap_up_s = _UNLIMITED_S if wrap_up == 0 else float(wrap_up or 0)
            settings.max_wait_s = float(values.get("maxWaitTime") or _UNLIMITED_S)
            settings.agent_ring_s = float(values.get("agentTimeout") or _USUAL.agent_ring_s)


class Extensions(Entities):
    """An extension that is deleted is gone, and whoever is signed in there is signed out."""

    def __init__(self, switch: Switch, records: Records, sessions: Sessions) -> None:
        super().__init__(
            "extension", records.extensions, records, entities.EXTENSION, key_name="extension", undeletable=False
        )
        self.switch = switch
        self.sessions = sessions

    def read(self, data: Values, record: Record | None = None) -> dict[str, Any]:
        """ "JSON object containing voicemail config, or null to disable"."""
        values = super().read(data, record)
        if data.get("voicemail") is None:
            return values | {"voicemail": None}
        return values | read(entities.VOICEMAIL, data, update=record is not None)

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        shown = super().shown(values)
        if shown.get("voicemail"):
            shown["voicemail"] = {name: each for name, each in shown["voicemail"].items() if name != "password"}
        return shown

    def created(self, record: Record) -> None:
        check_free(self.switch, record.key)
        phone = Device(uuid.uuid4().hex, "Desk phone")
        line = Extension(uuid.uuid4().hex, record.key, record.values["name"], devices=(phone,))
        self._apply(line, record.values)
        self.switch.administration.add(line)

    def updated(self, record: Record, values: dict[str, Any]) -> None:
        """It may get another number."""
        line = self.switch.company.extension(record.key)
        if values["extension"] != record.key:
            check_free(self.switch, values["extension"])
            self.collection.rename(record, values["extension"])
        super().updated(record, values)
        if line is not None:
            self._apply(line, record.values)

    def deleted(self, record: Record) -> None:
        line = self.switch.company.extension(record.key)
        if line is None:
            return
        if session := self.sessions.at(line.id):
            self.sessions.end(session)
        self.switch.administration.remove(line)

    def _apply(self, line: Extension, values: dict[str, Any]) -> None:
        line.number, line.name = values["extension"], values["name"]
        line.settings.call_waiting = values["callWaiting"]
        line.settings.voicemail = values["voicemail"] is not None


class Alerts(Entities):
    """They can be made and changed, not got. Nothing alerts here: EQ shows them in its own pages, or mails them."""

    def __init__(self, records: Records) -> None:
        super().__init__("alert", records.alerts, records, entities.NEW_ALERT, undeletable=False)

    def operations(self) -> dict[str, Any]:
        return {name: handler for name, handler in super().operations().items() if name != self.name}

    def read(self, data: Values, record: Record | None = None) -> dict[str, Any]:
        values = super().read(data) if record is None else read(entities.ALERT, data, update=True)
        needed = entities.applicable(values["type"], values["notificationType"])
        if record is None and values["notificationType"] != "custom":
            needed = ("user", *needed)  # only those may be system-wide
        if missing := [name for name in needed if values[name] is None]:
            raise ApiError(400, [Problem(name, "blank", f"{name} is not specified") for name in missing])
        queue, user = values["callQueue"], values.get("user")
        if queue is not None and self.records.queues.get(queue) is None:
            raise nonexistent("callQueue", f"call queue {queue}")
        if user is not None and self.records.supervisors.get(str(user)) is None:
            raise nonexistent("user", f"supervisor {user}")
        return values

    def check_unique(self, values: dict[str, Any], own: Record | None = None) -> None:
        """Of one user, no two have the same name."""
        user = own.values["user"] if own else values["user"]
        for other in self.collection:
            if other is not own and (other.values["name"], other.values["user"]) == (values["name"], user):
                raise refused("name", "in_use", "An alert with the specified name already exists for the user")


def check_free(switch: Switch, number: str) -> None:
    """Raises ApiError when anything in the PBX has that number."""
    if switch.company.extension(number) is not None:
        raise refused("extension", "in_use", f"{number} is in use already")
