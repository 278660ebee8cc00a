"""Operations as rows: `{Id, State, TargetEntityId, ErrorCode, ErrorMessage}`; State is a word."""

from __future__ import annotations

from collections.abc import Sequence

from ams_emulator.v2.model import Row, entity_id
from ams_emulator.v2.tables import V2Account


class OperationRows:
    """The operations of one account; they are found by id only."""

    def __init__(self, own: V2Account) -> None:
        self._own = own

    def keys(self) -> Sequence[str]:
        return sorted(self._own.operations)

    def row(self, key: str) -> Row:
        operation, target = self._own.operations[key]
        failure = operation.failure if not operation.running else None
        return {
            "Id": entity_id("opid", operation.id),
            "State": operation.status,
            "TargetEntityId": target,
            "ErrorCode": failure.code if failure else None,
            "ErrorMessage": failure.message if failure else None,
        }

    def find(self, entity: str) -> Row | None:
        return self.row(entity.lower()) if entity.lower() in self._own.operations else None

    def where(self, field: str, value: str) -> list[Row]:
        return [row for row in map(self.row, self.keys()) if row[field] == value]

    def put(self, row: Row) -> None:
        raise NotImplementedError  # the set has no such verbs

    def remove(self, entity: str) -> None:
        raise NotImplementedError
