"""Simulated visitors for Locust. They run in a separate process, because Locust patches Python's sockets.

`python -m tests.bench.visitor` reads the visitors' tokens and the durations from stdin, and prints a report.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from statistics import median
from typing import Any, ClassVar, Final, cast
from uuid import uuid4

from locust import HttpUser, task
from locust.env import Environment
from locust.exception import RescheduleTask
from locust.stats import StatsEntry

MAX_INGEST_SECONDS: Final = 120  # from an upload until it is ready
POLL: Final = "/images/{id}"  # not counted, because a slow version has more of these requests
RETRY_SECONDS: Final = 1  # as the header Retry-After of a pending image
VISIBLE_THUMBNAILS: Final = 6  # that fit in a window
SEARCHES: Final = ("stop sign", "stop sign>=1, clock", "clock|cup, !dog", "holiday", "untagged")
# Forms and links are signed, so they need no Authorization. MiniStack closes idle connections, so none is kept open.
S3_HEADERS: Final = {"Authorization": None, "Connection": "close"}


class Visitor(HttpUser):
    """A person with an account who acts without a pause."""

    tokens: ClassVar[Iterator[str]]
    photo: ClassVar[bytes]
    waits: ClassVar[list[float]] = []

    def on_start(self) -> None:
        """Upload a first photo if the library is empty."""
        self.client.headers["Authorization"] = f"Bearer {next(self.tokens)}"
        self.images = [image["id"] for image in self.call("GET", "/images")["images"] if image["state"] == "ready"]
        if not self.images:
            self.upload()

    @task(2)
    def upload(self) -> None:
        """Upload a photo with unique bytes to S3, and wait until it is ready."""
        data, start = self.photo + uuid4().bytes, time.monotonic()
        facts = {"name": "street.jpg", "type": "image/jpeg", "size": len(data)}
        offer = self.call("POST", "/uploads", json=facts)
        file = {"file": ("street.jpg", data, "image/jpeg")}
        form = offer["form"]
        self.client.post(form["url"], form["fields"], files=file, headers=S3_HEADERS, name="S3: a form")
        self.await_ready(offer["id"], start)
        self.images.append(offer["id"])

    def await_ready(self, image_id: str, start: float) -> None:
        """Request the image until it is ready, and record the seconds since the start of the upload."""
        state = "pending"
        while state == "pending" and time.monotonic() < start + MAX_INGEST_SECONDS:
            time.sleep(RETRY_SECONDS)
            state = self.call("GET", f"/images/{image_id}", POLL)["state"]
        assert state == "ready", f"The image is {state}."
        self.waits.append(time.monotonic() - start)

    @task(4)
    def search(self) -> None:
        """Search with a random query."""
        self.call("GET", "/search", params={"q": random.choice(SEARCHES)})  # noqa: S311 - no secret

    @task(3)
    def browse(self) -> None:
        """List the library, and load the visible thumbnails."""
        page = self.call("GET", "/images", params={"limit": 50})
        links = [image["links"]["thumbnail"] for image in page["images"] if image["links"]]
        for link in links[:VISIBLE_THUMBNAILS]:
            self.client.get(link, headers=S3_HEADERS, name="S3: a thumbnail")

    @task(2)
    def retag(self) -> None:
        """Add a tag to one photo, and remove it again."""
        images = {"ids": [random.choice(self.images)]}  # noqa: S311 - no secret
        for change in ("add", "remove"):
            response = self.call("POST", "/tags", json={change: [{"tag": "holiday"}], "images": images})
            assert response["outcomes"][0]["result"] != "failed", response

    def call(self, method: str, path: str, name: str | None = None, **options: Any) -> dict[str, Any]:
        """Send a request to the API and return the response.

        Raises:
            RescheduleTask: the request failed. Locust has recorded that, and ends the task.
        """
        response = self.client.request(method, path, name=name or path, **options)
        if not HTTPStatus.OK <= response.status_code < HTTPStatus.BAD_REQUEST:  # 0 means that there was no response
            raise RescheduleTask
        return cast("dict[str, Any]", response.json())


def summarize(entry: StatsEntry) -> dict[str, Any]:
    """Return the number of requests and errors of an operation, and percentiles of its milliseconds."""
    return {
        "requests": entry.num_requests,
        "errors": entry.num_failures,
        "p50": entry.get_response_time_percentile(0.5),
        "p99": entry.get_response_time_percentile(0.99),
    }


def main() -> None:
    """Start all visitors, and stop them when the time is over. The first `warmup` seconds do not count."""
    plan = json.load(sys.stdin)
    Visitor.tokens, Visitor.photo = iter(plan["tokens"]), bytes.fromhex(plan["photo"])
    environment = Environment(user_classes=[Visitor], host=plan["host"], stop_timeout=MAX_INGEST_SECONDS)
    runner = environment.create_local_runner()
    runner.start(len(plan["tokens"]), spawn_rate=len(plan["tokens"]))
    time.sleep(plan["warmup"])
    environment.stats.reset_all()
    start = time.monotonic()
    time.sleep(plan["seconds"])
    polls = environment.stats.get(POLL, "GET").num_requests
    rate = (environment.stats.total.num_requests - polls) / (time.monotonic() - start)
    runner.stop()
    entries = {f"{entry.method} {entry.name}".strip(): summarize(entry) for entry in environment.stats.entries.values()}
    failures = [
        f"{error.occurrences} x {error.method} {error.name}: {error.error}"
        for error in environment.stats.errors.values()
    ]
    failures += [
        f"{exception['count']} x {exception['msg']}\n{exception['traceback']}"
        for exception in runner.exceptions.values()
    ]
    total = {**summarize(environment.stats.total), "requests_a_second": rate, "ready": median(Visitor.waits)}
    json.dump({"operations": entries, "total": total, "failures": failures}, sys.stdout)


if __name__ == "__main__":
    main()
