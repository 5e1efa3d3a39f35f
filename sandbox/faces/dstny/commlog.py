""" "Communication Log API": what happened to a user's calls, voicemail and recordings, item by item."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.engine.company import Company
from sandbox.engine.stored import LogDirection, LogEntry, VoiceMessage
from sandbox.faces.dstny.dispatch import Handler
from sandbox.faces.dstny.errors import invalid, missing, unknown
from sandbox.faces.dstny.people import People, Person
from sandbox.faces.dstny.requests import Ask, Values

TYPES = ("OUTGOING_CALL", "MISSED_CALL", "INCOMING_CALL", "VOICEMAIL", "RECORDING", "FAX")
# `.CallDTO` and `.GroupInboxVoiceMailDTO` are the document's; the others are made after them.
_WRAPPERS = {"VOICEMAIL": ".VoiceMailDTO", "RECORDING": ".RecordingDTO"}
_PER_CALL = 10


@dataclass(frozen=True, slots=True)
class Item:
    """`id` counts up with time: ten for each call, which has room for its voicemail and recordings."""

    id: int
    type: str
    entry: LogEntry
    duration: int
    message: VoiceMessage | None = None

    @property
    def is_seen(self) -> bool:
        return self.message.seen if self.message else self.entry.seen

    def mark(self, seen: bool | None, played: bool | None) -> None:
        """None leaves a mark as it is."""
        if self.message:
            self.message.seen = self.message.seen if seen is None else seen
            self.message.played = self.message.played if played is None else played
        elif seen is not None:
            self.entry.seen = seen


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for. `who`: a number without its +, or a contact ID without its domain."""

    since: int | None
    older_than: int | None
    after: float | None
    until: float | None
    types: tuple[str, ...]
    who: str
    deleted: bool
    trashed: bool

    @classmethod
    def read(cls, values: Values) -> "Filter":
        """Raises ApiError 400."""
        return cls(
            since=values.number("since"),
            older_than=values.number("olderThan"),
            after=_time(values, "sinceTime"),
            until=_time(values, "untilTime"),
            types=_types(values),
            who=values.text("number").lstrip("+") or values.text("contactId").partition("@")[0],
            deleted=values.flag("deleted"),
            trashed=values.flag("markAsDelete"),
        )

    def matches(self, item: Item) -> bool:
        """Whether its id, time and type are as asked."""
        at = item.entry.started_at
        return (
            item.type in self.types
            and (self.since is None or item.id > self.since)
            and (self.older_than is None or item.id < self.older_than)
            and (self.after is None or at > self.after)
            and (self.until is None or at < self.until)
        )


class CommunicationLog:
    """What is in the trash or deleted is the face's own, by item; the items are the engine's log."""

    def __init__(self, people: People) -> None:
        self.people = people
        self._trash: set[int] = set()
        self._deleted: set[int] = set()

    @property
    def company(self) -> Company:
        return self.people.company

    def operations(self) -> dict[str, Handler]:
        return {
            "log": self.show_all,
            "log_item": lambda ask: self._answer([self._find(ask)]),
            "mark_item": self.mark,
            "mark_items": self.mark_many,
            "delete_item": self.delete,
            "delete_items": self.delete_many,
            "trash_item": self.trash,
            "group_inbox": lambda _: self._answer([]),
        }

    def show_all(self, ask: Ask) -> Any:
        """Oldest first. `limit` keeps the newest, or with `since` the oldest, so that one can page either way."""
        wanted = Filter.read(ask.values)
        items = [each for each in self._items(ask.person) if self._wanted(each, wanted)]
        if ask.values.flag("count"):
            return len(items)
        limit = ask.values.number("limit")
        if limit is not None:
            items = items[:limit] if "since" in ask.values else items[max(0, len(items) - limit) :]
        return self._answer(items)

    def mark(self, ask: Ask) -> None:
        self._find(ask).mark(ask.values.flag_or_none("isSeen"), ask.values.flag_or_none("isPlayed"))

    def mark_many(self, ask: Ask) -> str | None:
        """The ids that aren't there, as a string; nothing when all are."""
        chosen, lacking = self._chosen(ask)
        for each in chosen:
            each.mark(ask.values.flag_or_none("isSeen"), ask.values.flag_or_none("isPlayed"))
        return ",".join(lacking) or None

    def delete(self, ask: Ask) -> None:
        self._deleted.add(self._find(ask).id)

    def delete_many(self, ask: Ask) -> None:
        chosen, _ = self._chosen(ask)
        self._deleted.update(each.id for each in chosen)

    def trash(self, ask: Ask) -> None:
        """To the trash, or back; without `delete` to the trash."""
        item = self._find(ask)
        if ask.values.flag("delete", True):
            self._trash.add(item.id)
        else:
            self._trash.discard(item.id)

    def _chosen(self, ask: Ask) -> tuple[list[Item], list[str]]:
        """Those named, or all until one and of the types given; with the ids named that aren't there."""
        items = [each for each in self._items(ask.person) if each.id not in self._deleted]
        if named := ask.values.texts("itemId"):
            known = {str(each.id): each for each in items}
            return [known[each] for each in named if each in known], [each for each in named if each not in known]
        if not {"untilItemId", "itemType"} & ask.values.keys():
            raise missing("itemId")
        until, types = ask.values.number("untilItemId"), _types(ask.values)
        return [each for each in items if each.type in types and (until is None or each.id <= until)], []

    def _items(self, person: Person) -> Iterator[Item]:
        for entry in self.company.log:
            if entry.extension_id != person.extension.id:
                continue
            first = entry.id * _PER_CALL
            yield Item(first, _call_type(entry), entry, round(entry.talk_s))
            if message := self.company.voicemail.get(entry.voicemail_id or ""):
                yield Item(first + 1, "VOICEMAIL", entry, round(message.seconds), message)
            for number, recording_id in enumerate(entry.recording_ids, 2):
                if recording := self.company.recordings.get(recording_id):
                    yield Item(first + number, "RECORDING", entry, round(recording.seconds))

    def _find(self, ask: Ask) -> Item:
        """Raises ApiError 404 for what isn't there, or is deleted."""
        for each in self._items(ask.person):
            if str(each.id) == ask.path["item"] and each.id not in self._deleted:
                return each
        raise unknown("itemId", ask.path["item"])

    def _wanted(self, item: Item, wanted: Filter) -> bool:
        """`deleted` asks for deleted items only, `markAsDelete` for those in the trash only; otherwise neither are told."""
        is_deleted, is_trashed = item.id in self._deleted, item.id in self._trash
        if is_deleted is not wanted.deleted or (is_trashed is not wanted.trashed and not is_deleted):
            return False
        return wanted.matches(item) and (not wanted.who or wanted.who in self._names(item))

    def _names(self, item: Item) -> set[str]:
        """By what the other side can be asked for: their number in either form, or their contact ID."""
        person = self.people.at(item.entry.remote.extension_id)
        number = self._remote(item).get("number", "")
        return {number.lstrip("+"), item.entry.remote.number, person.id if person else ""} - {""}

    def _answer(self, items: list[Item]) -> dict[str, Any]:
        shown = [{_WRAPPERS.get(each.type, ".CallDTO"): self._show(each)} for each in items]
        now = _stamp(self.company.now())
        return {"historyItems": shown, "flushCache": True, "generatedAt": now, "hintCount": len(items)}

    def _show(self, item: Item) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "itemId": item.id,
            "startTime": _stamp(item.entry.started_at),
            "remoteParty": self._remote(item),
            "itemType": item.type,
            "isSeen": item.is_seen,
            "duration": item.duration,
        }
        if item.message:
            shown |= {"callItemId": item.entry.id * _PER_CALL, "isPlayed": item.message.played}
        return shown

    def _remote(self, item: Item) -> dict[str, str]:
        remote = item.entry.remote
        if remote.extension:
            return {"number": self.people.number(remote.extension), "displayName": remote.extension.name}
        if not remote.number:
            return {"displayName": "Anonymous"}
        return {"number": f"+{remote.number}"} | ({"displayName": remote.name} if remote.name else {})


def _call_type(entry: LogEntry) -> str:
    if entry.direction is LogDirection.OUTGOING:
        return "OUTGOING_CALL"
    return "MISSED_CALL" if entry.missed else "INCOMING_CALL"


def _types(values: Values) -> tuple[str, ...]:
    """Those asked for; all by default. Raises ApiError 400."""
    wanted = tuple(values.texts("itemType"))
    for each in wanted:
        if each not in TYPES:
            raise invalid("itemType", f"There is no item type {each}")
    return wanted or TYPES


def _time(values: Values, name: str) -> float | None:
    text = values.text(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(name, f"{name} must be a time as in ISO 8601") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
