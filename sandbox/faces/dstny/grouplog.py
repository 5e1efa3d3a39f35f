"""The call logs of the "Distribution Group API": what became of the calls to groups, and who handles them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sandbox.engine.directory import Extension, Party
from sandbox.engine.events import EngineEvent, Kind
from sandbox.engine.model import Call
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import invalid, unknown
from sandbox.faces.dstny.groups import Groups
from sandbox.faces.dstny.people import People
from sandbox.faces.dstny.requests import Ask, Values

_TYPES = ("ANSWERED", "FORWARDED", "MISSED")
_STATES = ("UNHANDLED", "INPROGRESS", "HANDLED")


@dataclass(slots=True)
class GroupCall:
    """One call to one group that has ended. `state`, `note` and `handler`: what somebody said of it afterwards."""

    id: int
    group: Extension
    type: str
    caller: Party
    started_at: float
    queued_s: float
    talked_s: float
    agent: Extension | None
    forwarded_to: Party | None
    state: str = "UNHANDLED"
    note: str = ""
    handler: Extension | None = None
    handled_at: float = 0.0
    count: int = 1


class GroupLog:
    """Listens to the engine. Items are grouped by group, caller and type, unless both of the latter are asked for."""

    def __init__(self, people: People, groups: Groups) -> None:
        self.people = people
        self.groups = groups
        self.calls: list[GroupCall] = []

    def operations(self) -> dict[str, Handler]:
        return {
            "group_log": self.show_all,
            "group_log_of": self.show_all,
            "assigned": self.assigned,
            "assigned_of": self.assigned,
            "assign_item": self.assign,
        }

    def follow(self, event: EngineEvent) -> None:
        """Every group that an ended call came by gets an item."""
        if event.kind is not Kind.ENDED:
            return
        call = event.call
        forwarded = [each.party.extension for each in call.diversions]
        groups = [*forwarded, call.via.extension if call.via else None]
        for group in dict.fromkeys(groups):
            if group is not None and group.is_dialplan:
                self._add(call, group, is_forwarded=group in forwarded)

    def of_group(self, group: Extension) -> list[GroupCall]:
        return [each for each in self.calls if each.group.id == group.id]

    def show_all(self, ask: Ask) -> dict[str, Any]:
        """Of one group or all of the user's; newest last. `limit` keeps the newest."""
        found = [each for each in self._visible(ask) if _wanted(each, ask.values)]
        types = ask.values.texts("itemType")
        if not (ask.values.text("callerNumber") and types and types != ["ALL"]):
            found = _grouped(found)
        limit = ask.values.number("limit")
        return self._answer(found if limit is None else found[max(0, len(found) - limit) :])

    def assigned(self, ask: Ask) -> dict[str, Any]:
        mine = ask.person.extension
        return self._answer([each for each in self._visible(ask) if each.handler and each.handler.id == mine.id])

    def assign(self, ask: Ask) -> dict[str, Any]:
        """To the user, with a state and a note."""
        for each in self._visible(ask):
            if str(each.id) == ask.path["item"]:
                each.state = ask.values.choice("state", _STATES, "INPROGRESS")
                each.note = ask.values.text("note", each.note)
                each.handler, each.handled_at = ask.person.extension, self.people.company.now()
                return self._show(each)
        raise unknown("itemid", ask.path["item"])

    def _add(self, call: Call, group: Extension, *, is_forwarded: bool) -> None:
        members = self.groups.members(group)
        legs = [leg for leg in call.legs if leg.party.extension_id in members and leg.answered_at is not None]
        answered = legs[0].answered_at if legs and not is_forwarded else None
        ended = call.ended_at or self.people.company.now()
        kind = "FORWARDED" if is_forwarded else "ANSWERED" if answered is not None else "MISSED"
        item = GroupCall(
            id=len(self.calls) + 1,
            group=group,
            type=kind,
            caller=call.legs[0].party,
            started_at=call.created_at,
            queued_s=(answered or ended) - call.created_at,
            talked_s=ended - answered if answered is not None else 0.0,
            agent=legs[0].party.extension if kind == "ANSWERED" else None,
            forwarded_to=call.dialled if is_forwarded else None,
        )
        self.calls.append(item)

    def _visible(self, ask: Ask) -> list[GroupCall]:
        if ask.values.text("groupDomain", self.people.domain) != self.people.domain:
            raise unknown("groupDomain", ask.values.text("groupDomain"))
        groups = [self.groups.find(ask.person, ask.path["group"])] if "group" in ask.path else None
        ids = {each.id for each in groups or self.groups.of(ask.person)}
        return [each for each in self.calls if each.group.id in ids]

    def _answer(self, items: list[GroupCall]) -> dict[str, Any]:
        counts = {name: sum(each.count for each in items if each.type == name) for name in _TYPES}
        return {
            "generatedAt": _stamp(self.people.company.now()),
            "flushCache": True,
            "hintCount": len(items),
            "callCountAnswered": counts["ANSWERED"],
            "callCountForwarded": counts["FORWARDED"],
            "callCountMissed": counts["MISSED"],
            "callLogItem": [self._show(each) for each in items],
        }

    def _show(self, item: GroupCall) -> dict[str, Any]:
        number = self._number(item.caller)
        shown: dict[str, Any] = {
            "itemId": item.id,
            "groupId": int(self.people.group_id(item.group)),
            "groupOrgId": 0,
            "callCount": item.count,
            "itemType": item.type,
            "startTime": _stamp(item.started_at),
            "callDuration": round(item.talked_s),
            "queueDuration": round(item.queued_s),
            "noteIncluded": bool(item.note),
        }
        if number:
            shown |= {"callerNumber": number, "callbackToNumber": number}
        if item.agent:
            shown["agent"] = self.people.brief(item.agent)
        if item.forwarded_to:
            shown |= {"forwardReason": "NO_AGENTS", "forwardedTo": self._forwarded(item.forwarded_to)}
        if item.handler:
            shown["handledStatus"] = {
                "state": item.state,
                "agent": self.people.brief(item.handler),
                "timeStamp": _stamp(item.handled_at),
                "note": item.note,
            }
        return shown

    def _forwarded(self, party: Party) -> dict[str, str]:
        name = party.extension.name if party.extension else party.name
        return {"name": name, "number": self._number(party)}

    def _number(self, party: Party) -> str:
        if party.extension:
            return self.people.number(party.extension)
        return f"+{party.number}" if party.number else ""


def _wanted(item: GroupCall, values: Values) -> bool:
    types = values.texts("itemType") or ["ALL"]
    for each in types:
        if each not in (*_TYPES, "ALL"):
            raise invalid("itemType", f"There is no item type {each}")
    since, older, number = values.number("since"), values.number("olderThan"), values.text("callerNumber")
    return (
        ("ALL" in types or item.type in types)
        and (since is None or item.id > since)
        and (older is None or item.id < older)
        and (not number or number.lstrip("+") == item.caller.number)
    )


def _grouped(items: list[GroupCall]) -> list[GroupCall]:
    """The newest of each group, caller and type, with how many there are."""
    newest: dict[tuple[str, str, str], GroupCall] = {}
    counts: dict[tuple[str, str, str], int] = {}
    for each in items:
        key = (each.group.id, each.caller.number, each.type)
        counts[key] = counts.get(key, 0) + 1
        newest.pop(key, None)
        newest[key] = each
    return [replace(each, count=counts[key]) for key, each in newest.items()]


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
