"""The rules of a method's "Request parameters", as rows, and what reads a request by them."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.faces.callgear.errors import invalid_value, missing, wrong_type

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


@dataclass(frozen=True, slots=True)
class Param:
    """One row. `choices`: its valid values; `pattern`: of the whole string; `fields`: the rows of an object."""

    name: str
    type: Literal["string", "number", "boolean", "object", "array"] = "string"
    required: bool = False
    choices: tuple[str, ...] = ()
    pattern: str = ".*"
    fields: tuple["Param", ...] = ()


class Values(dict[str, Any]):
    """A request's parameters that keep their method's rules; those left out or null are not in it."""

    def text(self, name: str) -> str:
        return str(self.get(name, ""))

    def number(self, name: str) -> int:
        return int(self[name])

    def flag(self, name: str, default: bool = False) -> bool:
        return bool(self.get(name, default))

    def sub(self, name: str) -> "Values | None":
        """The object of that name."""
        return self.get(name)


def read(params: dict[str, Any], rows: tuple[Param, ...], prefix: str = "") -> Values:
    """What the rows name; anything else is passed over, as the document's own examples have parameters of other methods.

    Raises RpcError: required_parameter_missed, data_type_error, invalid_parameter_value.
    """
    values = Values()
    for row in rows:
        value, path = params.get(row.name), f"{prefix}{row.name}"
        if value is None:
            if row.required:
                raise missing(path)
            continue
        values[row.name] = _checked(row, value, path)
    return values


def _checked(row: Param, value: Any, path: str) -> Any:
    if not _is_a(row.type, value):
        raise wrong_type(path, value)
    if row.fields:
        return read(value, row.fields, f"{path}.")
    if isinstance(value, float) and not value.is_integer():
        raise invalid_value(path, value)
    if isinstance(value, str) and not re.fullmatch(row.pattern, value, re.ASCII | re.DOTALL):
        raise invalid_value(path, value)
    if row.choices and value not in row.choices:
        raise invalid_value(path, value)
    return value


def _is_a(name: str, value: Any) -> bool:
    """JSON's true is no number."""
    return isinstance(value, _TYPES[name]) and not (name == "number" and isinstance(value, bool))
