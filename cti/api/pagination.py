"""Lists: `{"results": […], "next": "<cursor or null>"}`. A cursor is the sort key of the last row that was answered."""

import base64
import binascii
import json
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from rest_framework import serializers

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

M = TypeVar("M", bound=Model)


class PageQuery(serializers.Serializer[Any]):
    """The query parameters of every list; lists with filters extend it."""

    cursor = serializers.CharField(required=False, help_text="`next` of the page before")
    limit = serializers.IntegerField(
        min_value=1, default=DEFAULT_LIMIT, help_text=f"at most {MAX_LIMIT}; more is taken for {MAX_LIMIT}"
    )

    def validate_limit(self, limit: int) -> int:
        return min(limit, MAX_LIMIT)


def paginate(rows: QuerySet[M], query: dict[str, Any], *keys: str) -> tuple[list[M], str | None]:
    """A page of `rows` and the cursor of the next, None on the last.

    `query` is a PageQuery's data. `keys` are the fields that make the order total, all ascending or all with a `-`.
    """
    rows = rows.order_by(*keys)
    if "cursor" in query:
        rows = rows.filter(_behind(rows.model, keys, query["cursor"]))
    found = list(rows[: query["limit"] + 1])
    page = found[: query["limit"]]
    return page, _cursor(page[-1], keys) if len(found) > len(page) else None


def _cursor(row: Model, keys: tuple[str, ...]) -> str:
    values = [_text(getattr(row, key.lstrip("-"))) for key in keys]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _text(value: Any) -> str:
    return value.hex if isinstance(value, UUID) else str(value)


def _behind(model: type[Model], keys: tuple[str, ...], cursor: str) -> Q:
    """(a, b) > (x, y) spelt out: a > x, or a = x and b > y. Bounding the first key as well lets its index be used."""
    names = [key.lstrip("-") for key in keys]
    comparison = "lt" if keys[0].startswith("-") else "gt"
    values = _values(model, names, cursor)
    behind, equal = Q(), Q()
    for name, value in zip(names, values, strict=True):
        behind |= equal & Q((f"{name}__{comparison}", value))
        equal &= Q((name, value))
    return behind & Q((f"{names[0]}__{comparison}e", values[0]))


def _values(model: type[Model], names: list[str], cursor: str) -> list[Any]:
    try:
        texts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        fields = [model._meta.get_field(name) for name in names]
        return [field.to_python(str(text)) for field, text in zip(fields, texts, strict=True)]  # type: ignore[union-attr]
    except (ValueError, TypeError, binascii.Error, ValidationError) as error:
        raise serializers.ValidationError({"cursor": ["This is not a cursor of this list."]}) from error
