"""What the Data API's lists have in common: filter, sort, fields, limit and offset."""

from collections.abc import Callable
from typing import Any

from sandbox.faces.callgear.errors import invalid_value, missing, wrong_type
from sandbox.faces.callgear.parameters import Values
from sandbox.faces.callgear.rpc import Page

_LIMIT = 1000
_MOST = 10_000

Row = dict[str, Any]
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda own, value: bool(own == value),
    "!=": lambda own, value: bool(own != value),
    "<": lambda own, value: bool(own < value),
    ">": lambda own, value: bool(own > value),
    "<=": lambda own, value: bool(own <= value),
    ">=": lambda own, value: bool(own >= value),
    "in": lambda own, value: own in value,
    "like": lambda own, value: str(value).strip("%").lower() in str(own).lower(),
}


def query(rows: list[Row], values: Values) -> Page:
    """The page that is asked for. Raises RpcError for fields that the rows don't have, and for what can't be compared."""
    known = rows[0].keys() if rows else frozenset[str]()
    if condition := values.get("filter"):
        rows = [each for each in rows if _matches(each, condition)]
    for order in reversed(values.get("sort", [])):
        rows = _sorted(rows, order)
    first, count = values.get("offset", 0), values.get("limit", _LIMIT)
    if first < 0 or not 0 < count <= _MOST:
        raise invalid_value("limit", count)
    return Page([_pick(each, values.get("fields"), known) for each in rows[first : first + count]], len(rows))


def _matches(row: Row, condition: Any) -> bool:
    """One comparison, or several joined by `condition`: and, or."""
    if not isinstance(condition, dict):
        raise wrong_type("filter", condition)
    if "filters" in condition:
        parts = (_matches(row, each) for each in condition["filters"])
        return any(parts) if condition.get("condition") == "or" else all(parts)
    field, compare = condition.get("field"), _COMPARISONS.get(condition.get("operator", ""))
    if field not in row or compare is None or "value" not in condition:
        raise invalid_value("filter", condition)
    if row[field] is None:
        return bool(condition["operator"] == "=" and condition["value"] is None)
    try:
        return compare(row[field], condition["value"])
    except TypeError as error:
        raise wrong_type("filter.value", condition["value"]) from error


def _sorted(rows: list[Row], order: Any) -> list[Row]:
    """Those without a value come first. Lists and objects have no order."""
    if not isinstance(order, dict):
        raise wrong_type("sort", order)
    if "field" not in order:
        raise missing("sort.field")
    field = order["field"]
    if rows and not isinstance(rows[0].get(field, {}), str | int | float | None):
        raise invalid_value("sort.field", field)
    reverse = order.get("order") == "desc"
    return sorted(rows, key=lambda each: (each[field] is not None, each[field]), reverse=reverse)


def _pick(row: Row, fields: list[Any] | None, known: Any) -> Row:
    if fields is None:
        return row
    for name in fields:
        if name not in known:
            raise invalid_value("fields", name)
    return {name: row[name] for name in fields}
