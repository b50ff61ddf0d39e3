"""A person who uses PixTag while its processes are killed, and remembers every acknowledged change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from typing_extensions import override

from infra.local.program import wait_until
from tests.support.photos import make_gray_jpeg

PEOPLE: Final = 4
SECONDS: Final = 300
PHOTO: Final = make_gray_jpeg()
MISSING: Final = httpx.codes.NOT_FOUND


@dataclass
class Person:
    """A client of the API, and the changes that the API has acknowledged.

    Attributes:
        ids: The images that must exist. The first two are ready from the beginning.
        purged: The images that must not exist any more.
        dogs: The number of dogs in the first image.
        trashed: Whether the second image is in the trash.
        operation: The id of its last move.
        subscriptions: The query of each subscription.
        acknowledged: The number of responses.
        cut_off: The number of requests without a response.
    """

    client: httpx.Client
    ids: list[str] = field(default_factory=list)
    purged: list[str] = field(default_factory=list)
    dogs: int = 0
    trashed: bool = False
    operation: str = ""
    subscriptions: dict[str, str] = field(default_factory=dict)
    acknowledged: int = 0
    cut_off: int = 0

    def request(self, method: str, path: str, *, may_be_missing: bool = False, **options: Any) -> httpx.Response:
        """Send a request until there is a response. The API may have executed it before it was killed."""
        while True:
            try:
                response = self.client.request(method, path, **options)
            except httpx.TransportError:
                self.cut_off += 1
                continue
            assert response.is_success or (may_be_missing and response.status_code == MISSING), response.text
            self.acknowledged += 1
            return response

    def upload(self) -> None:
        file = {"file": ("a.jpg", PHOTO + uuid4().bytes, "image/jpeg")}
        self.ids.append(self.request("POST", "/images", files=file).headers["Location"].rpartition("/")[2])

    def tag(self) -> None:
        edit = {"images": {"ids": [self.ids[0]]}, "add": [{"tag": "dog"}]}
        self.request("POST", "/tags", json=edit, headers={"Idempotency-Key": str(uuid4())})
        self.dogs += 1

    def untag(self) -> None:
        edit = {"images": {"ids": [self.ids[0]]}, "remove": [{"tag": "dog", "count": 1}]}
        self.request("POST", "/tags", json=edit, headers={"Idempotency-Key": str(uuid4())})
        self.dogs -= self.dogs > 0

    def trash_or_restore(self) -> None:
        """Move the second image to the trash or from there."""
        self.trashed, self.operation = not self.trashed, str(uuid4())
        selection = {"images": {"ids": [self.ids[1]]}, "operation": self.operation}
        self.request("POST", f"/images/{'trash' if self.trashed else 'restore'}", json=selection)

    def undo_move(self) -> None:
        """Undo the last move of the second image."""
        self.trashed = not self.trashed
        self.request("POST", f"/operations/{self.operation}/undo", json={})

    def subscribe(self) -> None:
        query = f"dog>={1 + len(self.subscriptions)}"
        self.subscriptions[self.request("POST", "/subscriptions", json={"query": query}).json()["id"]] = query

    def unsubscribe(self) -> None:
        subscription, _ = self.subscriptions.popitem()
        self.request("DELETE", f"/subscriptions/{subscription}", may_be_missing=True)

    def purge(self) -> None:
        """Purge the oldest of the other images. Moving a pending image to the trash purges it too."""
        if len(self.ids) < 4:
            return
        image_id = self.ids.pop(2)
        selection = {"images": {"ids": [image_id]}}
        while self.request("GET", f"/images/{image_id}", may_be_missing=True).status_code != MISSING:
            self.request("POST", "/images/trash", json=selection)
            self.request("POST", "/images/purge", json=selection)
        self.purged.append(image_id)

    def compare(self) -> None:
        """Assert that the changed images and the last purged one are as the API has acknowledged."""
        tags = self.request("GET", f"/images/{self.ids[0]}").json()["tags"]
        assert {tag["tag"]: tag["count"] for tag in tags} == ({"dog": self.dogs} if self.dogs else {})
        state = self.request("GET", f"/images/{self.ids[1]}").json()["state"]
        assert state == ("trashed" if self.trashed else "ready")
        for image_id in self.purged[-1:]:
            assert self.request("GET", f"/images/{image_id}", may_be_missing=True).status_code == MISSING

    def begin(self) -> None:
        """Upload the two photos that are changed later, and wait until they are ready."""
        self.upload()
        self.upload()
        self.wait()

    @property
    def changes(self) -> list[Callable[[], None]]:
        """The changes that the person makes, one after the other."""
        return [
            self.tag,
            self.trash_or_restore,
            self.subscribe,
            self.trash_or_restore,
            self.undo_move,
            self.tag,
            self.upload,
            self.unsubscribe,
            self.untag,
            self.purge,
            self.compare,
        ]

    def use(self, is_over: Callable[[], bool]) -> None:
        """Make one change after the other until it is over."""
        make_changes(self.changes, is_over)

    def wait(self) -> None:
        """Wait until no image is pending. An acknowledged image that does not exist is an error."""
        waiting = list(self.ids)

        def is_over() -> bool:
            while waiting:
                if self.request("GET", f"/images/{waiting[-1]}").status_code == httpx.codes.ACCEPTED:
                    return False
                waiting.pop()
            return True

        wait_until(is_over, SECONDS, "The images stay pending.")

    def check(self) -> None:
        """Assert that every acknowledged change is stored."""
        self.wait()
        states = {image_id: self.client.get(f"/images/{image_id}").json()["state"] for image_id in self.ids}
        tags = self.client.get(f"/images/{self.ids[0]}").json()["tags"]
        subscriptions = self.client.get("/subscriptions").json()["subscriptions"]
        assert states == dict.fromkeys(self.ids, "ready") | ({self.ids[1]: "trashed"} if self.trashed else {})
        assert {tag["tag"]: tag["count"] for tag in tags} == ({"dog": self.dogs} if self.dogs else {})
        assert {subscription["id"] for subscription in subscriptions} == self.subscriptions.keys()
        purged = {self.client.get(f"/images/{image_id}").status_code for image_id in self.purged}
        assert purged <= {MISSING}


class LocalPerson(Person):
    """A person who uses PixTag on one machine. There, PixTag itself receives upload forms."""

    @property
    @override
    def changes(self) -> list[Callable[[], None]]:
        return [*super().changes, self.upload_with_form]

    def upload_with_form(self) -> None:
        data = PHOTO + uuid4().bytes
        facts = {"name": "a.jpg", "type": "image/jpeg", "size": len(data)}
        offer = self.request("POST", "/uploads", json=facts).json()
        form = offer["form"]
        self.request("POST", urlsplit(form["url"]).path, data=form["fields"], files={"file": data})
        self.ids.append(offer["id"])


def make_changes(changes: Sequence[Callable[[], None]], is_over: Callable[[], bool]) -> None:
    """Make one change after the other until it is over, but each change at least twice: a purge needs older photos."""
    number = 0
    while number < 2 * len(changes) or not is_over():
        changes[number % len(changes)]()
        number += 1
