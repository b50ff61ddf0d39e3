"""A PixTag server in memory that also keeps metadata, albums and favourites, for tests of imports."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
from typing_extensions import override

from tests.support.fake_server import FakeServer, problem

MAX_TITLE = 12


@dataclass
class FakeLibrary(FakeServer):
    """The state of the server.

    Attributes:
        uploads: The requests that created uploads, by the ids of their images. Known bytes have theirs too.
        titles: The ids of albums by their titles.
        albums: The images of albums by their titles. Favourites have the title "".
        trashed: The ids of images in the trash.
    """

    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    albums: dict[str, list[str]] = field(default_factory=dict)
    trashed: set[str] = field(default_factory=set)

    @override
    def _answer(self, request: httpx.Request) -> httpx.Response:
        self._cursor = request.url.params.get("cursor")
        return super()._answer(request)

    @override
    def _route(self, line: str, body: bytes) -> httpx.Response:
        if match := re.fullmatch(r"POST /albums/(\w+)/add", line):
            return self._add(next(title for title, album in self.titles.items() if album == match[1]), body)
        match line:
            case "GET /albums":
                return self._list_albums()
            case "POST /albums":
                return self._create_album(json.loads(body)["title"])
            case "POST /images/favourite":
                assert json.loads(body)["favourite"] is True
                return self._add("", body)
        response = super()._route(line, body)
        if line == "POST /uploads":
            self.uploads[response.json()["id"]] = json.loads(body)
        if line.removeprefix("GET /images/") in self.trashed:
            return httpx.Response(200, json=response.json() | {"state": "trashed"})
        return response

    def _list_albums(self) -> httpx.Response:
        """Return a page of two albums after the cursor."""
        albums = [{"id": album, "title": title} for title, album in self.titles.items()]
        start = next((place + 1 for place, album in enumerate(albums) if album["id"] == self._cursor), 0)
        page = albums[start : start + 2]
        return httpx.Response(200, json={"albums": page, "next": page[-1]["id"] if len(page) == 2 else None})

    def _create_album(self, title: str) -> httpx.Response:
        if len(title) > MAX_TITLE:
            return problem(422, "This title is too long.")
        self.titles[title] = f"album{len(self.titles)}"
        return httpx.Response(201, json={"id": self.titles[title], "title": title})

    def _add(self, title: str, body: bytes) -> httpx.Response:
        ids = json.loads(body)["images"]["ids"]
        full = len(self.albums.setdefault(title, [])) + len(ids) > 150
        if not full:
            self.albums[title] += ids
        outcome = {"result": "failed", "detail": "Too many tags."} if full else {"result": "changed", "detail": ""}
        return httpx.Response(200, json={"outcomes": [{"image": image, **outcome} for image in ids]})
