"""Adds imported photos to their albums and favourites after the server has processed them."""

import threading
from collections import defaultdict
from collections.abc import Callable
from http import HTTPStatus

from app.client.connection import Connection
from app.client.errors import RequestRefused
from app.client.index import FAVOURITES, UploadIndex
from app.client.library import PAGE
from app.client.tagging import BATCH, IN_TRASH, UNPROCESSED, wait_for_image
from app.domain.marks import MAX_TITLE, title_key
from detector.metadata.text import clean_text


class ImportAlbums:
    """Adds the photos that wait in the index. Missing albums are created.

    Args:
        connection: The connection to the server.
        index: The images and their albums.
        stop: Ends the waits with `Stopped`.
        notify: Is called with a sentence before the first wait.
    """

    def __init__(
        self, connection: Connection, index: UploadIndex, stop: threading.Event, notify: Callable[[str], None]
    ) -> None:
        self._connection = connection
        self._index = index
        self._stop = stop
        self._notify = notify
        self._batches: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._ids: dict[str, str] = {}

    def apply(self) -> list[tuple[str, str]]:
        """Add all photos. Return what could not be added, and the reason.

        Raises:
            ClientError: the photos cannot be added now. They wait for the next run.
        """
        problems: list[tuple[str, str]] = []
        waiting = self._index.list_albums()
        if waiting:
            self._ids = self._list_ids()
        for image, titles in waiting.items():
            if current := self._wait_for(image, titles, problems):
                for title in titles:
                    self._batches[title][current] = image
                    if len(self._batches[title]) == BATCH:
                        self._flush(title, problems)
        for title in list(self._batches):
            self._flush(title, problems)
        return problems

    def _list_ids(self) -> dict[str, str]:
        """Return the ids of all albums by the normal forms of their titles."""
        ids: dict[str, str] = {}
        cursor: str | None = None
        while True:
            page = self._connection.get_json("/albums", limit=PAGE, cursor=cursor)
            ids |= {title_key(album["title"]): album["id"] for album in page["albums"]}
            cursor = page["next"]
            if cursor is None:
                return ids

    def _wait_for(self, image: str, titles: list[str], problems: list[tuple[str, str]]) -> str | None:
        """Return the id of a ready image, which is another one if the server had its bytes. Otherwise, return None."""
        try:
            details = wait_for_image(self._connection, image, self._stop, self._notify)
        except RequestRefused as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            reason = str(error)
        else:
            if details is None:
                problems.append((image, UNPROCESSED))
                return None
            if details["state"] == "ready":
                return str(details["id"])
            reason = details["reason"] or IN_TRASH
        problems.append((image, reason))
        for title in titles:
            self._index.remove_album(image, title)
        return None

    def _flush(self, title: str, problems: list[tuple[str, str]]) -> None:
        images = self._batches.pop(title)
        body: dict[str, object] = {"images": {"ids": list(images)}}
        if title == FAVOURITES:
            outcomes = self._connection.post_json("/images/favourite", {**body, "favourite": True})["outcomes"]
        else:
            try:
                album = self._find_album(title)
            except RequestRefused as error:
                if error.status == HTTPStatus.FORBIDDEN:
                    raise
                problems.append((f"Album {title}", str(error)))
                outcomes = [{"image": image, "result": "unchanged"} for image in images]
            else:
                outcomes = self._connection.post_json(f"/albums/{album}/add", body)["outcomes"]
        for outcome in outcomes:
            if outcome["result"] == "failed":
                problems.append((outcome["image"], outcome["detail"]))
            self._index.remove_album(images[outcome["image"]], title)

    def _find_album(self, title: str) -> str:
        """Return the id of the album with this title. Create it if it is missing.

        Raises:
            RequestRefused: it cannot be created.
        """
        title = clean_text(title, MAX_TITLE)
        key = title_key(title)
        if key not in self._ids:
            self._ids[key] = self._connection.post_json("/albums", {"title": title})["id"]
        return self._ids[key]
