"""Reads pages of images, with a limited number of candidates per page."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from typing import Final, TypeVar

from app.adapters.local.rows import SUMMARY_COLUMNS, name_damage
from app.adapters.local.selections import Selection
from app.domain.errors import ImageDamaged
from app.domain.images import ImageSummary
from app.domain.pages import Page

_BY_IDS: Final = "FROM image WHERE owner = :owner AND id IN (SELECT value FROM json_each(:ids))"
SUMMARIES: Final = f"SELECT {', '.join(SUMMARY_COLUMNS)} {_BY_IDS}"
DETAILS: Final = f"SELECT * {_BY_IDS}"

Row = TypeVar("Row", bound=ImageSummary)


def read_page(
    connection: sqlite3.Connection,
    selection: Selection,
    limit: int,
    statement: str,
    convert: Callable[[sqlite3.Row], Row],
) -> Page[Row]:
    """Return a page of up to `limit` matching candidates. Read the images with `statement` and `convert`.

    Damaged images are logged and left out.
    """
    ids, cursor = _find_ids(connection, selection, limit)

    def read(some: Sequence[str]) -> list[Row]:
        parameters = {"owner": selection.parameters["owner"], "ids": json.dumps(some)}
        with closing(connection.execute(statement, parameters)) as rows:
            images = {str(row["id"]): convert(row) for row in rows}
        return [images[image_id] for image_id in some]

    return Page(read_intact(read, ids), cursor)


def read_intact(read: Callable[[Sequence[str]], list[Row]], ids: Sequence[str]) -> list[Row]:
    """Return what `read` returns for these ids. Damaged images are logged and left out."""
    try:
        with name_damage(""):
            return read(ids)
    except ImageDamaged:
        return list(_read_one_by_one(read, ids))


def _read_one_by_one(read: Callable[[Sequence[str]], list[Row]], ids: Sequence[str]) -> Iterator[Row]:
    for image_id in dict.fromkeys(ids):
        with suppress(ImageDamaged), name_damage(image_id):
            yield from read([image_id])


def _find_ids(connection: sqlite3.Connection, selection: Selection, limit: int) -> tuple[list[str], str | None]:
    """Return the ids of a page, and the cursor of the next page."""
    candidates = connection.cursor()
    candidates.row_factory = None  # tuples are faster
    ids: list[str] = []
    last: tuple[str, str] | None = None
    number = 0
    for sorted_at, image_id, value in candidates.execute(selection.sql, selection.parameters):
        place = sorted_at, image_id
        if place == last:
            continue
        if last and (len(ids) == limit or number == selection.candidates):
            return ids, selection.make_cursor(*last)
        last = place
        number += 1
        if selection.is_match(image_id, value):
            ids.append(image_id)
    return ids, None
