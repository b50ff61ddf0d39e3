"""One of several clients that use one account at the same time, while the processes of PixTag are killed.

A client changes only its own photos, but all clients of an account change the same totals, usage and numbers of
matches.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from uuid import uuid4

import httpx

from infra.local.program import TimedOut, wait_until
from tests.support.photos import make_gray_jpeg

SECONDS: Final = 300
PAUSE_SECONDS: Final = 0.1  # before a request is repeated
PHOTO: Final = make_gray_jpeg()
COMMON_TAG: Final = "dog"  # of all clients
MIN_PHOTOS: Final = 4
MAX_PHOTOS: Final = 12
MAX_PENDING: Final = 2  # so that the worker keeps up with the uploads
MAX_SUBSCRIPTIONS: Final = 3
REFUSED: Final = {httpx.codes.CONFLICT, httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}

Tags = dict[str, int]


@dataclass
class Outcomes:
    """How many requests of a client ended in which way.

    Attributes:
        acknowledged: Those with a response of success.
        cut_off: Those without a response.
        refused: Those that had to be repeated, by status.
    """

    acknowledged: int = 0
    cut_off: int = 0
    refused: Counter[int] = field(default_factory=Counter)


@dataclass
class AccountClient:
    """A client, and the changes that PixTag has acknowledged.

    Attributes:
        number: Makes the names of its own tags different from those of other clients.
        client: Sends requests with the account's access token.
        forms: Sends upload forms, which need no token.
        pending: The uploads that may still be pending.
        photos: The tags of each photo that was ready at some time and still exists.
        trashed: Those of the photos that are in the trash.
        purged: The photos that must not exist any more.
        subscriptions: The query of each subscription.
        unsubscribed: The subscriptions that must not exist any more.
        outcomes: The numbers of requests.
    """

    number: int
    client: httpx.Client
    forms: httpx.Client
    pending: list[str] = field(default_factory=list)
    photos: dict[str, Tags] = field(default_factory=dict)
    trashed: set[str] = field(default_factory=set)
    purged: list[str] = field(default_factory=list)
    subscriptions: dict[str, str] = field(default_factory=dict)
    unsubscribed: set[str] = field(default_factory=set)
    outcomes: Outcomes = field(default_factory=Outcomes)

    def __post_init__(self) -> None:
        self._random = Random(self.number)  # noqa: S311 - not a secret
        self._tag, self._other_tag = f"walk {self.number}", f"beach {self.number}"

    def request(self, method: str, path: str, *, may_be_missing: bool = False, **options: Any) -> httpx.Response:
        """Send a request until there is a response. PixTag may have executed it before it was killed."""
        return self._send(self.client, method, path, may_be_missing=may_be_missing, **options)

    def _send(
        self, client: httpx.Client, method: str, url: str, *, may_be_missing: bool = False, **options: Any
    ) -> httpx.Response:
        ends_at = time.monotonic() + SECONDS
        while time.monotonic() < ends_at:
            try:
                response = client.request(method, url, **options)
            except httpx.TransportError:
                self.outcomes.cut_off += 1
            else:
                if response.is_success or (may_be_missing and response.status_code == httpx.codes.NOT_FOUND):
                    self.outcomes.acknowledged += 1
                    return response
                assert response.status_code in REFUSED, (method, url, response.status_code, response.text)
                self.outcomes.refused[response.status_code] += 1
            time.sleep(PAUSE_SECONDS)
        raise TimedOut(f"{method} {url} gets no response.")

    def _change_many(self, path: str, body: dict[str, Any]) -> None:
        """Send a change of several images until none of them fails. A client has fewer photos than a page."""
        headers = {"Idempotency-Key": str(uuid4())}
        while True:
            response = self.request("POST", path, json=body, headers=headers).json()
            assert response["next"] is None
            if not (failed := sum(outcome["result"] == "failed" for outcome in response["outcomes"])):
                return
            self.outcomes.refused[httpx.codes.OK] += failed

    def _choose(self, ids: list[str], most: int) -> list[str]:
        return self._random.sample(ids, min(len(ids), self._random.randint(1, most)))

    @property
    def ready(self) -> list[str]:
        """The photos that are not in the trash."""
        return [image_id for image_id in self.photos if image_id not in self.trashed]

    def begin(self) -> None:
        """Upload photos and wait until they are ready."""
        while len(self.photos) < MIN_PHOTOS:
            self.upload()
            self.wait()

    def upload(self) -> None:
        self._note_ready()
        if self._has_room():
            file = {"file": ("a.jpg", PHOTO + uuid4().bytes, "image/jpeg")}
            location = self.request("POST", "/images", files=file).headers["Location"]
            self.pending.append(location.rpartition("/")[2])

    def upload_with_form(self) -> None:
        self._note_ready()
        if self._has_room():
            data = PHOTO + uuid4().bytes
            facts = {"name": "a.jpg", "type": "image/jpeg", "size": len(data)}
            offer = self.request("POST", "/uploads", json=facts).json()
            form = offer["form"]
            self._send(self.forms, "POST", form["url"], data=form["fields"], files={"file": data})
            self.pending.append(offer["id"])

    def _has_room(self) -> bool:
        return len(self.pending) < MAX_PENDING and len(self.photos) < MAX_PHOTOS

    def _note_ready(self) -> list[str]:
        """Move uploads that are ready to the photos, and return the others. Each acknowledged upload must exist.

        If PixTag had stored the same bytes before it was killed, the response contains that image.
        """
        for image_id in list(self.pending):
            response = self.request("GET", f"/images/{image_id}")
            if response.status_code != httpx.codes.ACCEPTED:
                assert response.json()["state"] == "ready", response.text
                self.photos[response.json()["id"]] = {}
                self.pending.remove(image_id)
        return self.pending

    def edit(self) -> None:
        """Add tags to some photos, and subtract from the count of the common tag."""
        if not (ids := self._choose(self.ready, 3)):
            return
        self._change_many("/tags", {"images": {"ids": ids}, "add": [{"tag": COMMON_TAG}, {"tag": self._tag}]})
        for image_id in ids:
            _add(self.photos[image_id], COMMON_TAG, 1)
            _add(self.photos[image_id], self._tag, 1)
        ids = self._choose(ids, len(ids))
        self._change_many("/tags", {"images": {"ids": ids}, "remove": [{"tag": COMMON_TAG, "count": 1}]})
        for image_id in ids:
            _add(self.photos[image_id], COMMON_TAG, -1)

    def edit_found(self) -> None:
        """Add the common tag to all photos that have the client's own tag."""
        body = {"images": {"query": self._tag}, "add": [{"tag": COMMON_TAG}]}
        self._change_many("/tags", body)
        for image_id in self._find_own(self.ready):
            _add(self.photos[image_id], COMMON_TAG, 1)

    def rename(self) -> None:
        """Rename the client's own tag, or merge it with its other tag."""
        self._change_many("/tags/rename", {"old": self._tag, "new": self._other_tag})
        for image_id in self._find_own(self.ready):
            tags = self.photos[image_id]
            _add(tags, self._other_tag, tags.pop(self._tag))
        self._tag, self._other_tag = self._other_tag, self._tag

    def trash(self) -> None:
        if ids := self._choose(self.ready, 2):
            self._change_many("/images/trash", {"images": {"ids": ids}})
            self.trashed |= {*ids}

    def trash_found(self) -> None:
        ids = self._find_own(self.ready)
        self._change_many("/images/trash", {"images": {"query": self._tag}})
        self.trashed |= {*ids}

    def restore(self) -> None:
        if ids := self._choose(sorted(self.trashed), 2):
            self._change_many("/images/restore", {"images": {"ids": ids}})
            self.trashed -= {*ids}

    def restore_found(self) -> None:
        ids = self._find_own(sorted(self.trashed))
        self._change_many("/images/restore", {"images": {"query": self._tag}})
        self.trashed -= {*ids}

    def purge(self) -> None:
        """Purge some photos in the trash. After a repeated request, they are missing."""
        ids = self._choose(sorted(self.trashed), 2) if len(self.photos) > MIN_PHOTOS else []
        for image_id in ids:
            while self.request("GET", f"/images/{image_id}", may_be_missing=True).status_code == httpx.codes.OK:
                self.request("POST", "/images/purge", json={"images": {"ids": ids}})
            del self.photos[image_id]
            self.trashed.remove(image_id)
            self.purged.append(image_id)

    def subscribe(self) -> None:
        if len(self.subscriptions) < MAX_SUBSCRIPTIONS:
            query = f"{COMMON_TAG}>={1 + self._random.randrange(100)}, {self._tag}"
            subscription = self.request("POST", "/subscriptions", json={"query": query}).json()["id"]
            self.subscriptions[subscription] = query

    def unsubscribe(self) -> None:
        if self.subscriptions:
            subscription, _ = self.subscriptions.popitem()
            self.request("DELETE", f"/subscriptions/{subscription}", may_be_missing=True)
            self.unsubscribed.add(subscription)

    def _find_own(self, ids: list[str]) -> list[str]:
        return [image_id for image_id in ids if self._tag in self.photos[image_id]]

    def compare(self) -> None:
        """Assert that one photo, the last purged one and a search are as PixTag has acknowledged."""
        self._check_photo(self._random.choice([*self.photos]))
        for image_id in self.purged[-1:]:
            self._check_missing(image_id)
        self._check_search()

    def _check_photo(self, image_id: str) -> None:
        image = self.request("GET", f"/images/{image_id}").json()
        found = image["state"], {tag["tag"]: tag["count"] for tag in image["tags"]}
        assert found == ("trashed" if image_id in self.trashed else "ready", self.photos[image_id]), image_id

    def _check_missing(self, image_id: str) -> None:
        response = self.request("GET", f"/images/{image_id}", may_be_missing=True)
        assert response.status_code == httpx.codes.NOT_FOUND, image_id

    def _check_search(self) -> None:
        page = self.request("GET", "/search", params={"q": self._tag, "limit": 100}).json()
        assert page["next"] is None
        assert {image["id"] for image in page["images"]} == {*self._find_own(self.ready)}

    def use(self, is_over: Callable[[], bool]) -> None:
        """Make all changes in random orders until it is over."""
        changes = [
            self.upload,
            self.upload_with_form,
            *3 * [self.edit],
            self.edit_found,
            self.rename,
            *2 * [self.trash],
            *2 * [self.restore],
            self.trash_found,
            self.restore_found,
            self.purge,
            self.subscribe,
            self.unsubscribe,
            *2 * [self.compare],
        ]
        while True:
            for change in self._random.sample(changes, len(changes)):
                change()
                if is_over():
                    return

    def wait(self) -> None:
        """Wait until no upload is pending."""
        wait_until(lambda: not self._note_ready(), SECONDS, "Uploads stay pending.")

    def check(self) -> None:
        """Assert that every acknowledged change is stored."""
        self.wait()
        for image_id in self.photos:
            self._check_photo(image_id)
        for image_id in self.purged:
            self._check_missing(image_id)
        self._check_search()
        found = {each["id"] for each in self.request("GET", "/subscriptions").json()["subscriptions"]}
        assert self.subscriptions.keys() <= found
        assert not self.unsubscribed & found


def _add(tags: Tags, tag: str, count: int) -> None:
    """Change the count of a tag. A tag without a count is removed."""
    tags[tag] = tags.get(tag, 0) + count
    if tags[tag] <= 0:
        del tags[tag]
