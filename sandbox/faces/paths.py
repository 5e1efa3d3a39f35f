"""Operations and their paths as data, for vendors whose published documents have lost their paths."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from re import Pattern
from typing import Generic, TypeVar

from starlette.routing import compile_path


@dataclass(frozen=True, slots=True)
class Operation:
    """`methods` are separated by a space; `path` is below the base path. Vendors add what else they know of an operation."""

    name: str
    methods: str
    path: str


OperationT = TypeVar("OperationT", bound=Operation)


class Table(Generic[OperationT]):
    """Finds the operation that a request means. `paths` are those that differ, by names of operations."""

    def __init__(self, operations: Iterable[OperationT], paths: Mapping[str, str]) -> None:
        placed = [replace(each, path=paths.get(each.name, each.path)) for each in operations]
        self._rows: list[tuple[Pattern[str], OperationT]] = [(compile_path(each.path)[0], each) for each in placed]

    def find(self, method: str, path: str) -> tuple[OperationT, dict[str, str]] | None:
        """The operation and the parameters in its path; None when nothing is there for this method."""
        for operation, parameters in self.at(path):
            if method in operation.methods.split():
                return operation, parameters
        return None

    def at(self, path: str) -> Iterator[tuple[OperationT, dict[str, str]]]:
        """Everything at this path, whichever the method."""
        for pattern, operation in self._rows:
            if match := pattern.match(path):
                yield operation, match.groupdict()
