"""Reads and writes the lines of a backup, which are records in JSON.

The schemas are strict, because a backup can come from anywhere.
"""

from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.backups import BackupError
from app.services.backups.members import DAMAGED

_UUID: Final = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

Text = Annotated[str, Field(max_length=4096)]
Owner = Annotated[str, Field(pattern=f"^{_UUID}$")]


class Record(BaseModel):
    """A line of a backup, or a part of one."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


AnyRecord = TypeVar("AnyRecord", bound=Record)


def parse_line(kind: type[AnyRecord], line: bytes) -> AnyRecord:
    """Return the record in a line.

    Raises:
        BackupError: the line does not match the schema.
    """
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise BackupError(DAMAGED) from error


def dump_line(record: Record) -> bytes:
    """Return a record as a line."""
    return record.model_dump_json().encode() + b"\n"
