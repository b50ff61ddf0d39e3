"""People who use PixTag as people do, for locust: a process of its own, since locust patches the sockets of all Python.

`python -m tests.bench.visitor` reads from stdin who they are and for how long they stay, and prints what came of it.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, ClassVar, Final, cast
from uuid import uuid4

from locust import HttpUser, between, task
from locust.env import Environment
from locust.exception import RescheduleTask
from locust.stats import StatsEntry

MOST_SECONDS: Final = 120  # from an upload until it is ready
RETRY_SECONDS: Final = 1  # the answer's Retry-After
LISTED: Final = 6  # thumbnails in a window
SEARCHES: Final = ("stop sign", "stop sign>=1, clock", "clock|cup, !dog", "holiday", "untagged")
# A form or link says itself who may. MiniStack ends connections that are idle: each request has one of its own.
S3: Final = {"Authorization": None, "Connection": "close"}


class Visitor(HttpUser):
    """Somebody with an account, who does something every two to six seconds: no quota of ours is ever met."""

    wait_time = between(2, 6)
    tokens: ClassVar[Iterator[str]]
    photo: ClassVar[bytes]

    def on_start(self) -> None:
        """Come in with a first photograph, so that there is something to look at."""
        self.client.headers["Authorization"] = next(self.tokens)
        self.images: list[str] = []
        self.upload()

    @task(2)
    def upload(self) -> None:
        """Send a photograph of bytes like no other's through S3, and wait until it is ready."""
        data, start = self.photo + uuid4().bytes, time.monotonic()
        facts = {"name": "street.jpg", "type": "image/jpeg", "size": len(data)}
        offer = self.ask("POST", "/uploads", json=facts)
        file = {"file": ("street.jpg", data, "image/jpeg")}
        form = offer["form"]
        self.client.post(form["url"], form["fields"], files=file, headers=S3, name="S3: a form")
        self.await_ready(offer["id"], start)
        self.images.append(offer["id"])

    def await_ready(self, image_id: str, start: float) -> None:
        """Ask for the image until it is ready; that this takes longer than two minutes is an error."""
        state = "pending"
        while state == "pending" and time.monotonic() < start + MOST_SECONDS:
            time.sleep(RETRY_SECONDS)
            state = self.ask("GET", f"/images/{image_id}", "/images/{id}")["state"]
        self.environment.events.request.fire(
            request_type="",
            name="upload until ready",
            response_time=1000 * (time.monotonic() - start),
            response_length=0,
            exception=None if state == "ready" else AssertionError(f"it is {state}"),
            context={},
        )

    @task(4)
    def search(self) -> None:
        """Search by a query."""
        self.ask("GET", "/search", params={"q": random.choice(SEARCHES)})  # noqa: S311 - no secret

    @task(3)
    def look_around(self) -> None:
        """List the library, and load the thumbnails that fit the window."""
        page = self.ask("GET", "/images", params={"limit": 50})
        links = [one["links"]["thumbnail"] for one in page["images"] if one["links"]]
        for link in links[:LISTED]:
            self.client.get(link, headers=S3, name="S3: a thumbnail")

    @task(2)
    def retag(self) -> None:
        """Add a tag by hand to one photograph, and take it away again."""
        images = {"ids": [random.choice(self.images)]}  # noqa: S311 - no secret
        for change in ("add", "remove"):
            told = self.ask("POST", "/tags", json={change: [{"tag": "holiday"}], "images": images})
            assert told["outcomes"][0]["result"] != "failed", told

    def ask(self, method: str, path: str, name: str | None = None, **sent: Any) -> dict[str, Any]:
        """What the API answers; a failure, which locust has noted, ends what the person was about to do."""
        answer = self.client.request(method, path, name=name or path, **sent)
        if not HTTPStatus.OK <= answer.status_code < HTTPStatus.BAD_REQUEST:  # 0: there was none
            raise RescheduleTask
        return cast("dict[str, Any]", answer.json())


def told(entry: StatsEntry) -> dict[str, Any]:
    """How often something was asked for, how often it failed, and how many milliseconds it took."""
    return {
        "requests": entry.num_requests,
        "errors": entry.num_failures,
        "p50": entry.get_response_time_percentile(0.5),
        "p95": entry.get_response_time_percentile(0.95),
    }


def main() -> None:
    """Let all come within ten seconds, and go when the time is over."""
    plan = json.load(sys.stdin)
    Visitor.tokens, Visitor.photo = iter(plan["tokens"]), bytes.fromhex(plan["photo"])
    people = Environment(user_classes=[Visitor], host=plan["host"], stop_timeout=MOST_SECONDS)
    runner = people.create_local_runner()
    runner.start(len(plan["tokens"]), spawn_rate=len(plan["tokens"]) / 10)
    time.sleep(plan["seconds"])
    runner.stop()
    entries = {f"{entry.method} {entry.name}".strip(): told(entry) for entry in people.stats.entries.values()}
    failures = [
        f"{error.occurrences} x {error.method} {error.name}: {error.error}" for error in people.stats.errors.values()
    ]
    failures += [f"{one['count']} x {one['msg']}\n{one['traceback']}" for one in runner.exceptions.values()]
    json.dump({"operations": entries, "total": told(people.stats.total), "failures": failures}, sys.stdout)


if __name__ == "__main__":
    main()
