"""The worker in processes that are killed at a call to AWS: `python -m tests.robustness.kills.worker`.

Each line of standard input is a `Run`. For each, the program forks a worker process and prints its `End` as a line. A
worker process handles all messages and the schedule, and exits when nothing is left to do.
"""

import gc
import inspect
import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import boto3
from mypy_boto3_sqs import SQSClient

from app import wiring, worker
from app.adapters.aws import outbox, outbox_owners
from app.domain import announcements
from app.services import notifications, outbox_worker
from detector import BoundingBox, Detection, pixels
from infra.local import poller

SHADE: Final = 50  # the mean brightness that counts as one dog
IMAGE_LINK: Final = re.compile("/photos/([0-9a-z]{26})")
WORK: Final = {
    "_ingest",
    "give_up",
    "_redetect",
    "_purge",
    "_queue_redetection",
    "_delete_account",
    "_announce",
    "_count_page",
    "_send_digest",
    "lease",
}


@dataclass(frozen=True)
class Run:
    """One worker process.

    Attributes:
        kill_at: The number of the call to AWS at which the process is killed. With 0, it is not killed.
        after_response: Kill it after the call's response, and not before its request.
        ahead: How many seconds the worker's clock is ahead.
        sees_cats: Detect a cat in every photo.
    """

    kill_at: int
    after_response: bool = False
    ahead: int = 0
    sees_cats: bool = False


@dataclass(frozen=True)
class End:
    """How a run ended.

    Attributes:
        call: The call to AWS at which the process was killed. Empty if it exited by itself.
        work: The function that made the call, if it is one of `WORK`.
        announced: The ids of the images in the e-mails that were sent just before.
    """

    call: str = ""
    work: str = ""
    announced: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class BrightnessDetector:
    """Detects more dogs in a brighter photo and, with `sees_cats`, a cat."""

    sees_cats: bool

    @property
    def model(self) -> str:
        return f"fake@{1 + self.sees_cats}"

    def detect(self, pixels: pixels.Pixels, *, width: int, height: int) -> list[Detection]:
        labels = ["dog"] * round(float(pixels.mean()) / SHADE) + ["cat"] * self.sees_cats
        strip = height / max(1, len(labels))
        return [
            Detection(label, 0.9, BoundingBox(0.0, number * strip, float(width), (number + 1) * strip))
            for number, label in enumerate(labels)
        ]


@dataclass
class Killer:
    """Counts the calls of a run that belong to `WORK` or to the queue, and kills the process at the chosen call."""

    run: Run = Run(0)
    calls: int = 0
    published: list[str] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)

    def watch(self, session: boto3.Session) -> None:
        """Receive the events of all clients that the session makes from now on."""
        session.events.register_first("before-parameter-build.sns.Publish", self.record_mail)
        session.events.register_first("before-send", self.before_send)
        session.events.register_last("after-call", self.after_call)

    def record_mail(self, params: Mapping[str, str], **_: object) -> None:
        self.published = IMAGE_LINK.findall(params["Message"])

    def before_send(self, event_name: str, **_: object) -> None:
        self.calls += self.run.kill_at > 0 and (".sqs." in event_name or any(current_work()))
        self._kill(event_name, after_response=False)

    def after_call(self, event_name: str, **_: object) -> None:
        if event_name == "after-call.sns.Publish":
            self.announced += self.published
        self._kill(event_name, after_response=True)

    def _kill(self, event_name: str, *, after_response: bool) -> None:
        if self.calls > 0 and (self.calls, after_response) == (self.run.kill_at, self.run.after_response):
            print_end(End(event_name.partition(".")[2], "".join(list(current_work())[-1:]), self.announced))
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Clock:
    """Replaces the module `time`. It is `ahead` seconds ahead of it."""

    ahead: int

    def time(self) -> float:
        return time.time() + self.ahead


def current_work() -> Iterator[str]:
    """Yield the functions of `WORK` that are running, innermost first, without a leading underscore."""
    frame = inspect.currentframe()
    while frame:
        if (name := frame.f_code.co_name) in WORK:
            yield name.removeprefix("_")
        frame = frame.f_back


def print_end(end: End) -> None:
    print(json.dumps(asdict(end)), flush=True)


def run_worker(run: Run, killer: Killer, sqs: SQSClient) -> None:
    """Handle the messages of the queue and then the schedule, until nothing is left or the process is killed."""
    received = True

    def handle(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
        nonlocal received
        received = True
        killer.announced.clear()
        return worker.handler(event, context)

    for module in (outbox, outbox_owners, announcements, notifications, outbox_worker):
        vars(module)["time"] = Clock(run.ahead)
    queue = poller.Poller(sqs, os.environ["PIXTAG_QUEUE_URL"], handle)
    killer.run = run
    while received:
        received = False
        queue.poll()
    handle(poller.scheduled_event(), None)


def main() -> None:
    """Fork a worker process for each line of standard input."""
    boto3.setup_default_session()
    killer = Killer()
    if boto3.DEFAULT_SESSION:
        killer.watch(boto3.DEFAULT_SESSION)
    poller.WAIT_SECONDS = 0
    vars(wiring)["detector"] = lambda: BrightnessDetector(killer.run.sees_cats)
    wiring.queue_worker()  # creates all clients without a connection, which would not survive a fork
    sqs = boto3.client("sqs")
    gc.freeze()  # the collector leaves existing objects alone, so that forks share their memory
    for line in sys.stdin:
        run = Run(**json.loads(line))
        if not (child := os.fork()):
            run_worker(run, killer, sqs)
            os._exit(0)
        if (status := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])) == 0:
            print_end(End())
        elif status != -signal.SIGKILL:
            sys.exit("A worker process failed.")


if __name__ == "__main__":
    main()
