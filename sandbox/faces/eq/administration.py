"""Get, create, update, delete and undelete, alike for every kind of entity. What was deleted can still be got, not updated."""

from collections.abc import Sequence
from typing import Any

from sandbox.faces.eq.attributes import Attribute, read
from sandbox.faces.eq.dispatch import Handler
from sandbox.faces.eq.errors import ApiError, Problem, not_found
from sandbox.faces.eq.records import Collection, Record, Records
from sandbox.faces.eq.requests import Ask, Values


class Entities:
    """One kind: `name` is the document's, `key_name` how its path names one. What follows in the PBX is for subclasses."""

    def __init__(
        self,
        name: str,
        collection: Collection,
        records: Records,
        attributes: Sequence[Attribute],
        *,
        key_name: str = "id",
        undeletable: bool = True,
    ) -> None:
        self.name = name
        self.collection = collection
        self.records = records
        self.attributes = attributes
        self.key_name = key_name
        self.undeletable = undeletable

    def operations(self) -> dict[str, Handler]:
        return {
            self.name: self.get,
            f"create_{self.name}": self.create,
            f"update_{self.name}": self.update,
            f"delete_{self.name}": self.delete,
        }

    def get(self, ask: Ask) -> dict[str, Any]:
        """Attributes that were never set have their default; secrets stay out."""
        record = self._find(ask, deleted=True)
        values = _defaults(self.attributes) | record.values
        own = {} if self.key_name in values else {"id": int(record.key)}
        return own | values | ({"deleted": record.deleted} if self.undeletable else {})

    def create(self, ask: Ask) -> int | str:
        """Answers the ID, or the extension."""
        values = self.read(ask.values.object("data"))
        self.check_unique(values)
        record = Record(
            str(values[self.key_name]) if self.key_name in values else self.records.new_id(), self.shown(values)
        )
        self.created(record)
        self.collection.add(record)
        return record.key if self.key_name in values else int(record.key)

    def update(self, ask: Ask) -> None:
        """ "Undelete" with `undelete`, which is all that can be done with what is deleted."""
        if self.undeletable and ask.values.flag("undelete"):
            self._undelete(self._find(ask, deleted=True))
            return
        record = self._find(ask)
        values = self.read(ask.values.object("data"), record)
        self.check_unique(values, record)
        self.updated(record, self.shown(values))

    def delete(self, ask: Ask) -> None:
        record = self._find(ask)
        self.deleted(record)
        if self.undeletable:
            record.deleted = True
        else:
            self.collection.remove(record)

    def read(self, data: Values, record: Record | None = None) -> dict[str, Any]:
        """The new values; `record` is what is updated. Raises ApiError."""
        return read(self.attributes, data, update=record is not None)

    def created(self, record: Record) -> None:
        """Raises ApiError for what the PBX refuses."""

    def updated(self, record: Record, values: dict[str, Any]) -> None:
        record.values = record.values | values

    def deleted(self, record: Record) -> None:
        """It is still among the entities."""

    def undeleted(self, record: Record) -> None:
        """Raises ApiError for what the PBX refuses."""

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        """Without secrets: nothing here asks for them."""
        return without(values, [each.name for each in self.attributes if each.secret])

    def check_unique(self, values: dict[str, Any], own: Record | None = None) -> None:
        """Raises ApiError, of type in_use."""
        problems = [
            Problem(each.name, "in_use", f"{self.name} with the specified {each.name} already exists")
            for each in self.attributes
            if each.unique and values.get(each.name) is not None
            if any(other is not own and other.values.get(each.name) == values[each.name] for other in self.collection)
        ]
        if problems:
            raise ApiError(400, problems)

    def _undelete(self, record: Record) -> None:
        if record.deleted:
            self.check_unique(record.values, record)
            self.undeleted(record)
            record.deleted = False

    def _find(self, ask: Ask, *, deleted: bool = False) -> Record:
        record = self.collection.get(ask.path[self.key_name], deleted=deleted)
        if record is None:
            raise not_found(self.key_name, f"{self.name} {ask.path[self.key_name]}")
        return record


def without(values: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Without these attributes, which may be within others."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name in names:
            continue
        inner = [each.partition(".")[2] for each in names if each.startswith(f"{name}.")]
        kept[name] = without(value, inner) if isinstance(value, dict) else value
    return kept


def _defaults(attributes: Sequence[Attribute]) -> dict[str, Any]:
    return read([each for each in attributes if not each.required and not each.secret], Values(), update=True)
