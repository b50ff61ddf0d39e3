"""Adds the tags of `pixtag upload --tag` after the server has processed the photos."""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final

from app.client.connection import Connection, read_json
from app.client.errors import RequestRefused, Stopped
from app.client.index import UploadIndex
from app.client.quantities import count

POLL_SECONDS: Final = 2.0
MAX_POLLS: Final = 300  # then the worker of the server does not run
BATCH: Final = 100  # images of a request
POLLS_PER_NOTICE: Final = 5  # so a person hears of the progress every ten seconds
UNPROCESSED: Final = "The server has not processed this photo yet. Run the command again."
IN_TRASH: Final = "The photo is in the trash."
NO_IMAGE: Final = {"ids": ["0" * 26], "dry_run": True}


class ProcessedImages:
    """Waits for images that the server processes. After one that it does not process, it looks once at each.

    Args:
        connection: The connection to the server.
        stop: Ends the waits with `Stopped`.
        notify: Is called with a sentence while images are not processed.
        total: The number of images.
    """

    def __init__(
        self, connection: Connection, stop: threading.Event, notify: Callable[[str], None], total: int
    ) -> None:
        self._connection = connection
        self._stop = stop
        self._notify = notify
        self._total = total
        self._found = self._waits = 0
        self._polls = MAX_POLLS

    def find(self, image: str) -> dict[str, Any] | None:
        """Return an image that the server has processed, or None if it does not process it.

        Raises:
            RequestRefused: the image does not exist.
            Stopped: a person has stopped the command.
        """
        for poll in range(1, self._polls + 1):
            response = self._connection.call("GET", f"/images/{image}")
            if response.status_code != HTTPStatus.ACCEPTED:
                self._polls = MAX_POLLS
                self._found += 1
                return read_json(response)
            if poll < self._polls:
                self._wait()
        self._polls = 1
        return None

    def _wait(self) -> None:
        if self._waits % POLLS_PER_NOTICE == 0:
            self._notify(
                f"Waiting until the server has processed {count(self._total, 'photo')}. Processed: {self._found:,}."
            )
        self._waits += 1
        if self._stop.wait(POLL_SECONDS):
            raise Stopped


class UploadTags:
    """Adds the tags that wait in the index. Photos are processed in the order of their uploads.

    Args:
        connection: The connection to the server.
        index: The images and their tags.
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
        self._batches: defaultdict[tuple[str, ...], dict[str, list[str]]] = defaultdict(dict)

    def check(self, tags: Sequence[str]) -> None:
        """Check that the server accepts these tags.

        Raises:
            RequestRefused: it does not, or the key may not edit photos.
        """
        self._connection.post_json("/tags", {"add": [{"tag": tag} for tag in tags], "images": NO_IMAGE})

    def apply(self) -> list[tuple[str, str]]:
        """Add all tags. Return the id of each image that could not be tagged, and the reason.

        Raises:
            ClientError: the tags cannot be added now. They wait for the next run.
        """
        problems: list[tuple[str, str]] = []
        waiting = self._index.list_tags()
        images = ProcessedImages(self._connection, self._stop, self._notify, len(waiting))
        for image, tags in waiting.items():
            try:
                self._add(image, tags, problems, images)
            except RequestRefused as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                problems.append((image, str(error)))
                self._index.remove_tags(image)
        for missing in list(self._batches):
            self._flush(missing, problems)
        return problems

    def _add(self, image: str, tags: list[str], problems: list[tuple[str, str]], images: ProcessedImages) -> None:
        details = images.find(image)
        if details is None:
            problems.append((image, UNPROCESSED))
            return
        if details["state"] != "ready":
            problems.append((image, details["reason"] or IN_TRASH))
            self._index.remove_tags(image)
            return
        present = {tag["tag"] for tag in details["tags"]}
        missing = tuple(tag for tag in tags if tag.lower() not in present)
        if not missing:
            self._index.remove_tags(image)
            return
        self._batches[missing].setdefault(details["id"], []).append(image)
        if len(self._batches[missing]) == BATCH:
            self._flush(missing, problems)

    def _flush(self, tags: tuple[str, ...], problems: list[tuple[str, str]]) -> None:
        images = self._batches.pop(tags)
        body = {"add": [{"tag": tag} for tag in tags], "images": {"ids": list(images)}}
        for outcome in self._connection.post_json("/tags", body, once=True)["outcomes"]:
            if outcome["result"] == "failed":
                problems.append((outcome["image"], outcome["detail"]))
            for image in images[outcome["image"]]:
                self._index.remove_tags(image)
