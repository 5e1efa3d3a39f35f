""" "Call State API", and the other things that can be watched: devices and groups. Webhooks and streams tell of changes."""

import json
from datetime import UTC, datetime
from typing import Any

from starlette.responses import StreamingResponse

from sandbox.engine.events import EngineEvent, LineEvent, LineKind
from sandbox.faces.dstny import dialogs
from sandbox.faces.dstny.dialect import Dialect
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.groups import Groups
from sandbox.faces.dstny.people import People, Person
from sandbox.faces.dstny.requests import Ask
from sandbox.faces.dstny.statistics import Statistics
from sandbox.faces.dstny.streams import Render, Streams
from sandbox.faces.dstny.views import Change, View, Views
from sandbox.faces.dstny.webhooks import Webhooks
from sandbox.faces.dstny.wire import to_xml


class Watch:
    """Listens to views, lines and the engine, and passes on to whoever has registered."""

    def __init__(
        self,
        dialect: Dialect,
        people: People,
        views: Views,
        groups: Groups,
        statistics: Statistics,
        webhooks: Webhooks,
        streams: Streams,
    ) -> None:
        self.dialect = dialect
        self.people = people
        self.views = views
        self.groups = groups
        self.statistics = statistics
        self.webhooks = webhooks
        self.streams = streams
        views.listeners.append(self.tell)

    def operations(self) -> dict[str, Handler]:
        return {
            "user_state": lambda ask: self.snapshot(ask.person),
            "call_state": self.call_state,
            "add_user_webhook": lambda ask: self.webhooks.expiry(self.webhooks.add("user", ask.person.id, ask.values)),
            "remove_user_webhook": lambda ask: self.webhooks.remove("user", ask.person.id, ask.path["target"]),
            "add_call_webhook": self.add_call_webhook,
            "remove_call_webhook": lambda ask: self.webhooks.remove(
                "call", ask.person.id, ask.path["target"], ask.path["call"]
            ),
            "add_device_webhook": lambda ask: self.webhooks.expiry(
                self.webhooks.add("device", ask.person.id, ask.values)
            ),
            "remove_device_webhook": lambda ask: self.webhooks.remove("device", ask.person.id, ask.path["target"]),
            "user_events": self.user_events,
            "call_events": self.call_events,
            "device_events": lambda ask: self.streams.open(("devices", ask.person.id)),
            "group_events": lambda ask: self.streams.open(("groups", ask.person.id), self._statistics(ask.person)),
        }

    def snapshot(self, person: Person) -> dict[str, Any]:
        return {"fullState": True, "calls": [self.views.render(each) for each in self.views.of(person)]}

    def call_state(self, ask: Ask) -> dict[str, Any]:
        """Of a call that ended lately, TERMINATED; unless they vanish."""
        ended = self.dialect.ended_calls == "terminated"
        return self.views.render(self.views.find(ask.person, ask.path["call"], ended=ended))

    def add_call_webhook(self, ask: Ask) -> dict[str, Any]:
        view = self.views.find(ask.person, ask.path["call"])
        self.webhooks.add("call", ask.person.id, ask.values, view.id)
        return self.views.render(view)

    def call_events(self, ask: Ask) -> StreamingResponse:
        """States as JSON, the present one first; ends with the call."""
        view = self.views.find(ask.person, ask.path["call"])
        return self.streams.open(("call", ask.person.id, view.id), lambda _: json.dumps(self.views.render(view)))

    def user_events(self, ask: Ask) -> StreamingResponse:
        """RFC 4235: first all dialogs, then those that change."""
        return self.streams.open(
            ("dialogs", ask.person.id), self._dialogs(ask.person, self.views.of(ask.person), full=True)
        )

    def tell(self, person: Person, view: View, change: Change) -> None:
        """The listener of the views."""
        about = view.call.id
        state = self.views.render(view)
        told = change is not Change.DELETED or self.dialect.ended_calls == "terminated"
        if change is not Change.CHANGED or self.dialect.user_webhooks_on == "every_change":
            self.webhooks.send("user", person.id, change, lambda: self._user_state(person, state, change), about=about)
        if change is not Change.NEW and told:
            self.webhooks.send_call(person.id, state, about)
            self.streams.publish(("call", person.id, view.id), lambda _: json.dumps(state))
        self.streams.publish(("dialogs", person.id), self._dialogs(person, [view], full=False))
        if change is Change.DELETED:
            self.webhooks.end_call(person.id, view.id)
            self.streams.close(("call", person.id, view.id))

    def follow(self, event: EngineEvent) -> None:
        """The engine's listener: calls to groups change their statistics."""
        groups = [each.extension for each in (event.call.via, event.call.dialled) if each and each.extension]
        self._tell_groups({each.id for each in groups if each.is_dialplan})

    def follow_line(self, event: LineEvent) -> None:
        """The engine's listener for what happens to a line."""
        if event.kind is LineKind.AGENT and event.queue is not None:
            self._tell_groups({event.queue.id})
        person = self.people.at(event.extension.id)
        if event.kind is LineKind.DEVICE and person is not None:
            stamp = datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
            body = {"timeStamp": stamp, "changedField": "DEVICE_INFO"}
            self.webhooks.send("device", person.id, "device", lambda: body)
            self.streams.publish(("devices", person.id), lambda _: json.dumps(body))

    def _user_state(self, person: Person, state: dict[str, Any], change: Change) -> dict[str, Any]:
        """The full state and what just ended, or what changed alone. What vanishes can only be told by the full state."""
        if self.dialect.ended_calls == "vanish" and change is Change.DELETED:
            return self.snapshot(person)
        if self.dialect.user_webhooks == "changes":
            return {"fullState": False, "calls": [state]}
        snapshot = self.snapshot(person)
        if change is Change.DELETED:
            snapshot["calls"].append(state)
        return snapshot

    def _tell_groups(self, group_ids: set[str]) -> None:
        for person in self.people.all if group_ids else ():
            if group_ids & {each.id for each in self.groups.of(person)}:
                self.streams.publish(("groups", person.id), self._statistics(person))

    def _statistics(self, person: Person) -> Render:
        """application/telepo-queue-statistics+xml, whose schema is not published: the statistics' own names as elements."""
        return lambda _: to_xml(self.statistics.of(self.groups.of(person)), "queues").decode()

    def _dialogs(self, person: Person, views: list[View], *, full: bool) -> Render:
        domain = self.people.domain
        return lambda version: dialogs.render(views, user=person.id, domain=domain, version=version, full=full)
