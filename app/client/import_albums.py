"""Adds imported photos to their albums and favourites after the server has processed them."""

import threading
from collections import defaultdict
from collections.abc import Callable
from http import HTTPStatus

from app.client.connection import Connection
from app.client.errors import RequestRefused
from app.client.index import FAVOURITES, UploadIndex
from app.client.library import PAGE
from app.client.tagging import BATCH, IN_TRASH, UNPROCESSED, ProcessedImages
from app.domain.marks import title_key


class ImportAlbums:
    """Adds the photos that wait in the index. Missing albums are created.

    Args:
        connection: The connection to the server.
        index: The images and their albums.
        stop: Ends the waits with `Stopped`.
        notify: Is called with a sentence while images are not processed.
    """

    def __init__(
        self, connection: Connection, index: UploadIndex, stop: threading.Event, notify: Callable[[str], None]
    ) -> None:
        self._connection = connection
        self._index = index
        self._stop = stop
        self._notify = notify
        self._batches: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
        self._ids: dict[str, str] = {}

    def apply(self) -> list[tuple[str, str]]:
        """Add all photos. Return the photos that could not be added, and the reason.

        Raises:
            ClientError: the photos cannot be added now. They wait for the next run.
        """
        problems: list[tuple[str, str]] = []
        waiting = self._index.list_albums()
        if waiting:
            self._ids = self._list_ids()
        images = ProcessedImages(self._connection, self._stop, self._notify, len(waiting))
        for image, titles in waiting.items():
            if current := self._wait_for(image, titles, problems, images):
                for title in titles:
                    self._batches[title].setdefault(current, []).append(image)
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

    def _wait_for(
        self, image: str, titles: list[str], problems: list[tuple[str, str]], images: ProcessedImages
    ) -> str | None:
        """Return the id of a ready image, which is another one if the server had its bytes. Otherwise, return None."""
        try:
            details = images.find(image)
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
        for outcome in self._add(title, list(images), problems):
            if outcome["result"] == "failed":
                problems.append((outcome["image"], outcome["detail"]))
            for image in images[outcome["image"]]:
                self._index.remove_album(image, title)

    def _add(self, title: str, ids: list[str], problems: list[tuple[str, str]]) -> list[dict[str, str]]:
        """Add photos to an album or to the favourites. Return the outcomes, unless they wait for the next run."""
        body: dict[str, object] = {"images": {"ids": ids}}
        if title == FAVOURITES:
            return self._post("/images/favourite", {**body, "favourite": True})
        try:
            album = self._find_album(title)
        except RequestRefused as error:
            if error.status == HTTPStatus.FORBIDDEN:
                raise
            problems.append((f"Album {title}", str(error)))
            if error.status == HTTPStatus.CONFLICT:  # there are too many albums, and a person can delete some
                return []
            return [{"image": image, "result": "unchanged"} for image in ids]
        return self._post(f"/albums/{album}/add", body)

    def _post(self, path: str, body: dict[str, object]) -> list[dict[str, str]]:
        outcomes: list[dict[str, str]] = self._connection.post_json(path, body)["outcomes"]
        return outcomes

    def _find_album(self, title: str) -> str:
        """Return the id of the album with this title. Create it if it is missing.

        Raises:
            RequestRefused: it cannot be created.
        """
        key = title_key(title)
        if key not in self._ids:
            try:
                self._ids[key] = self._connection.post_json("/albums", {"title": title})["id"]
            except RequestRefused as error:
                if error.status == HTTPStatus.CONFLICT:  # an attempt whose response was lost may have created it
                    self._ids = self._list_ids()
                if key not in self._ids:
                    raise
        return self._ids[key]
