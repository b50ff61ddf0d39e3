"""Searches the photos of the account, and edits their tags."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.client.connection import Connection
from app.client.errors import ClientError

PAGE: Final = 100
_ID: Final = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")
_COUNT: Final = re.compile(r"(.+)=(\d+)", re.DOTALL)

Json = dict[str, Any]


def search(connection: Connection, query: str, limit: int | None = None) -> Iterator[Json]:
    """Yield the photos that match a query, newest first. An empty query selects all photos."""
    count = 0
    for page in _pages(connection, query):
        for image in page["images"]:
            if count == limit:
                return
            count += 1
            yield image


def suggest(connection: Connection, query: str) -> list[str]:
    """Return other queries that a person may mean."""
    page = connection.get_json("/search", q=query, limit=1)
    return [suggestion["query"] for suggestion in page["suggestions"]]


def _pages(connection: Connection, query: str) -> Iterator[Json]:
    cursor: str | None = None
    while True:
        if query.strip():
            page = connection.get_json("/search", q=query, limit=PAGE, cursor=cursor)
        else:
            page = connection.get_json("/images", state="ready", limit=PAGE, cursor=cursor)
        yield page
        cursor = page["next"]
        if cursor is None:
            return


@dataclass(frozen=True, slots=True)
class TagEdits:
    """Changes of tags, as `POST /tags` takes them."""

    add: list[Json]
    remove: list[Json]

    @classmethod
    def parse(cls, add: Sequence[str], remove: Sequence[str]) -> "TagEdits":
        """Return the changes in texts such as `person=2`. Without a number, one is added or the tag is removed.

        Raises:
            ClientError: there is no change.
        """
        if not add and not remove:
            raise ClientError("There is nothing to change. Use --add TAG or --remove TAG.")
        return cls([_parse_change(text) for text in add], [_parse_change(text) for text in remove])


def _parse_change(text: str) -> Json:
    match = _COUNT.fullmatch(text)
    return {"tag": match[1], "count": int(match[2])} if match else {"tag": text}


def select(selectors: Sequence[str]) -> list[Json]:
    """Return the selections of images by ids, at most 100 in each, or by a query.

    Raises:
        ClientError: there are several queries.
    """
    if all(map(_ID.fullmatch, selectors)):
        return [{"ids": list(selectors[start : start + PAGE])} for start in range(0, len(selectors), PAGE)]
    if len(selectors) > 1:
        raise ClientError("Use one query, or ids only. Put a query with spaces in quotes.")
    return [{"query": selectors[0]}]


def edit_tags(
    connection: Connection, selections: Sequence[Json], edits: TagEdits, *, dry_run: bool = False
) -> Iterator[Json]:
    """Change the tags of photos. Yield each response: the number of changed photos, and the outcome for each photo."""
    for selection in selections:
        cursor: str | None = None
        while True:
            images = selection | {"dry_run": dry_run} | ({"cursor": cursor} if cursor else {})
            body = {"add": edits.add, "remove": edits.remove, "images": images}
            response = connection.post_json("/tags", body, once=True)
            yield response
            cursor = response["next"]
            if cursor is None:
                break
