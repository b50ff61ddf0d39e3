"""The API is killed under load, again and again: whatever it has acknowledged is there."""

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

import cv2
import httpx
import numpy as np
import pytest

from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.emulator import TEMPLATE
from infra.local.program import HOST, find_free_ports, wait_until
from tests.robustness.stores import check_cloud, keys
from tests.robustness.torture import cases
from tests.support.sampling import rounds

PEOPLE: Final = 4
KILLS: Final = rounds(20, 500)
SECONDS: Final = 300
PHOTO: Final = cv2.imencode(".jpg", np.full((8, 8, 3), 100, np.uint8))[1].tobytes()
MISSING: Final = httpx.codes.NOT_FOUND


@dataclass
class Person:
    """Somebody who uses the API as long as it is killed, and knows what it has acknowledged."""

    client: httpx.Client
    ids: list[str] = field(default_factory=list)
    dogs: int = 0
    trashed: bool = False
    subscriptions: dict[str, str] = field(default_factory=dict)
    acknowledged: int = 0
    cut_off: int = 0

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Ask until there is an answer; that may be one to a request that was done before the API was killed."""
        while True:
            try:
                answer = self.client.request(method, path, **request)
            except httpx.TransportError:
                self.cut_off += 1
                continue
            assert answer.is_success or (method, answer.status_code) == ("DELETE", MISSING), answer.text
            self.acknowledged += 1
            return answer

    def upload(self) -> None:
        file = {"file": ("a.jpg", PHOTO + uuid4().bytes, "image/jpeg")}
        self.ids.append(self.ask("POST", "/images", files=file).headers["Location"].rpartition("/")[2])

    def tag(self) -> None:
        edit = {"images": {"ids": [self.ids[0]]}, "add": [{"tag": "dog"}]}
        self.ask("POST", "/tags", json=edit, headers={"Idempotency-Key": str(uuid4())})
        self.dogs += 1

    def untag(self) -> None:
        edit = {"images": {"ids": [self.ids[0]]}, "remove": [{"tag": "dog", "count": 1}]}
        self.ask("POST", "/tags", json=edit, headers={"Idempotency-Key": str(uuid4())})
        self.dogs -= self.dogs > 0

    def trash_or_restore(self) -> None:
        self.trashed = not self.trashed
        self.ask("POST", f"/images/{'trash' if self.trashed else 'restore'}", json={"images": {"ids": [self.ids[1]]}})

    def subscribe(self) -> None:
        query = f"dog>={1 + len(self.subscriptions)}"
        self.subscriptions[self.ask("POST", "/subscriptions", json={"query": query}).json()["id"]] = query

    def unsubscribe(self) -> None:
        subscription, _ = self.subscriptions.popitem()
        self.ask("DELETE", f"/subscriptions/{subscription}")

    def begin(self) -> None:
        """Send the two photographs that are changed, and wait until they were looked at."""
        self.upload()
        self.upload()
        wait_until(lambda: not self.pending(), SECONDS, "They stay pending.")

    def use(self, ended: Callable[[], bool]) -> None:
        """Do one thing after the other until it has ended."""
        acts = cycle(
            (self.tag, self.trash_or_restore, self.subscribe, self.tag, self.upload, self.unsubscribe, self.untag)
        )
        while not ended():
            next(acts)()

    def pending(self) -> list[str]:
        """The images that were not looked at yet; one that was acknowledged and is not there is an error."""
        answers = {image_id: self.client.get(f"/images/{image_id}").raise_for_status() for image_id in self.ids}
        return [image_id for image_id, answer in answers.items() if answer.status_code == httpx.codes.ACCEPTED]

    def check(self) -> None:
        """Assert that everything that was acknowledged is there."""
        wait_until(lambda: not self.pending(), SECONDS, "They stay pending.")
        states = {image_id: self.client.get(f"/images/{image_id}").json()["state"] for image_id in self.ids}
        tags = self.client.get(f"/images/{self.ids[0]}").json()["tags"]
        found = self.client.get("/subscriptions").json()["subscriptions"]
        assert states == dict.fromkeys(self.ids, "ready") | ({self.ids[1]: "trashed"} if self.trashed else {})
        assert {tag["tag"]: tag["count"] for tag in tags} == ({"dog": self.dogs} if self.dogs else {})
        assert {one["id"] for one in found} == self.subscriptions.keys()


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    """One whose own API is left alone."""
    with local_cloud(tmp_path, Ports.find_free(), quiet=True) as running:
        yield running


@pytest.fixture
def mortal(cloud: LocalCloud) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of an API that is killed, and its process."""
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
def test_whatever_was_acknowledged_before_a_kill_is_there(
    cloud: LocalCloud, mortal: tuple[str, subprocess.Popen[str]]
) -> None:
    address, process = mortal
    with ExitStack() as stack, ThreadPoolExecutor(PEOPLE + 1) as pool:
        clients = [stack.enter_context(cloud.person(f"{uuid4()}@example.com")) for _ in range(PEOPLE)]
        people = [Person(client) for client in clients]
        for person in people:
            person.begin()
            person.client.base_url = httpx.URL(address)

        last = pool.submit(process.stdout.readline if process.stdout else str)
        list(pool.map(lambda person: person.use(last.done), people))

        assert last.result() == "the last\n"
        for person in people:
            person.check()
        wait_until(lambda: not any(key.startswith("incoming/") for key in keys(cloud)), SECONDS, "Some wait.")
        check_cloud(cloud)
    assert sum(person.acknowledged for person in people) > KILLS
    assert sum(person.cut_off for person in people) > 0
    cases.append(KILLS)
