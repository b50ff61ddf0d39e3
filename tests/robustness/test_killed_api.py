"""The API is killed many times under load: every change that it acknowledged is stored."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.emulator import TEMPLATE
from infra.local.program import HOST, find_free_ports, wait_until
from tests.robustness.stores import check_cloud, keys
from tests.robustness.torture import cases
from tests.support.photos import make_gray_jpeg
from tests.support.sampling import rounds

PEOPLE: Final = 4
KILLS: Final = rounds(10, 500)
SECONDS: Final = 300
PHOTO: Final = make_gray_jpeg()
MISSING: Final = httpx.codes.NOT_FOUND


@dataclass
class Person:
    """A person who uses the API while it is killed, and remembers every acknowledged change."""

    client: httpx.Client
    ids: list[str] = field(default_factory=list)
    dogs: int = 0
    trashed: bool = False
    subscriptions: dict[str, str] = field(default_factory=dict)
    acknowledged: int = 0
    cut_off: int = 0

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request until there is a response. The API may have executed it before it was killed."""
        while True:
            try:
                response = self.client.request(method, path, **options)
            except httpx.TransportError:
                self.cut_off += 1
                continue
            assert response.is_success or (method, response.status_code) == ("DELETE", MISSING), response.text
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
        self.trashed = not self.trashed
        self.request(
            "POST", f"/images/{'trash' if self.trashed else 'restore'}", json={"images": {"ids": [self.ids[1]]}}
        )

    def subscribe(self) -> None:
        query = f"dog>={1 + len(self.subscriptions)}"
        self.subscriptions[self.request("POST", "/subscriptions", json={"query": query}).json()["id"]] = query

    def unsubscribe(self) -> None:
        subscription, _ = self.subscriptions.popitem()
        self.request("DELETE", f"/subscriptions/{subscription}")

    def begin(self) -> None:
        """Upload the two photos that are changed later, and wait until they are ready."""
        self.upload()
        self.upload()
        wait_until(lambda: not self.list_pending(), SECONDS, "The images stay pending.")

    def use(self, is_over: Callable[[], bool]) -> None:
        """Make one change after the other until it is over."""
        changes = cycle(
            (self.tag, self.trash_or_restore, self.subscribe, self.tag, self.upload, self.unsubscribe, self.untag)
        )
        while not is_over():
            next(changes)()

    def list_pending(self) -> list[str]:
        """Return the ids of pending images. An acknowledged image that does not exist is an error."""
        responses = {image_id: self.client.get(f"/images/{image_id}").raise_for_status() for image_id in self.ids}
        return [image_id for image_id, response in responses.items() if response.status_code == httpx.codes.ACCEPTED]

    def check(self) -> None:
        """Assert that every acknowledged change is stored."""
        wait_until(lambda: not self.list_pending(), SECONDS, "The images stay pending.")
        states = {image_id: self.client.get(f"/images/{image_id}").json()["state"] for image_id in self.ids}
        tags = self.client.get(f"/images/{self.ids[0]}").json()["tags"]
        subscriptions = self.client.get("/subscriptions").json()["subscriptions"]
        assert states == dict.fromkeys(self.ids, "ready") | ({self.ids[1]: "trashed"} if self.trashed else {})
        assert {tag["tag"]: tag["count"] for tag in tags} == ({"dog": self.dogs} if self.dogs else {})
        assert {subscription["id"] for subscription in subscriptions} == self.subscriptions.keys()


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    """A local cloud. The API that is killed is a second one."""
    with local_cloud(tmp_path, Ports.find_free(), quiet=True) as cloud:
        yield cloud


@pytest.fixture
def killed_api(cloud: LocalCloud) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start the program that kills the API, and yield the API's URL and the program's process."""
    (port,) = find_free_ports(1)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.robustness.kills.api", str(port), str(KILLS)],
        env=cloud.environment,
        cwd=TEMPLATE.parents[2],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield f"http://{HOST}:{port}", process
        finally:
            process.terminate()


@pytest.mark.timeout(0)
def test_api_killed_under_load_keeps_every_acknowledged_change(
    cloud: LocalCloud, killed_api: tuple[str, subprocess.Popen[str]]
) -> None:
    url, process = killed_api
    with ExitStack() as stack, ThreadPoolExecutor(PEOPLE + 1) as pool:
        clients = [stack.enter_context(cloud.person(f"{uuid4()}@example.com")) for _ in range(PEOPLE)]
        people = [Person(client) for client in clients]
        for person in people:
            person.begin()
            person.client.base_url = httpx.URL(url)

        last = pool.submit(process.stdout.readline if process.stdout else str)
        list(pool.map(lambda person: person.use(last.done), people))

        assert last.result() == "last process started\n"
        for person in people:
            person.check()
        wait_until(lambda: not any(key.startswith("incoming/") for key in keys(cloud)), SECONDS, "Some uploads stay.")
        check_cloud(cloud)
    assert sum(person.acknowledged for person in people) > KILLS
    assert sum(person.cut_off for person in people) > 0
    cases.append(KILLS)
