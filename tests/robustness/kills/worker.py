"""`python -m tests.robustness.kills.worker`: the worker, life after life, each ended by kill -9 at a call to AWS.

A line of standard input is a `Life`; it is lived in a process of its own, forked from this one, and a line of standard
output tells its `End`. A life works off what there is, and ends by itself when there is nothing left to do.
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
from app.adapters.aws import outbox
from app.services import notifications, outbox_worker
from detector import BoundingBox, Detection, pixels
from infra.local import poller

SHADE: Final = 50  # so much light is a dog
NAMED: Final = re.compile("/photos/([0-9a-z]{26})")
WORK: Final = {"ingest", "give_up", "redetect", "_purge", "_queue_redetection", "_delete_account", "announce", "lease"}


@dataclass(frozen=True)
class Life:
    """Ends at the call of this number, before it is sent or after its answer; is lived so many seconds ahead."""

    number: int
    answered: bool = False
    ahead: int = 0
    sees_cats: bool = False


@dataclass(frozen=True)
class End:
    """At which call of which work it came, at none if by itself; which images a mail had told of just before."""

    call: str = ""
    work: str = ""
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sight:
    """Sees as many dogs as there is light, and, one day, a cat."""

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
    """Counts the calls of a life that belong to some work or to the queue, and ends it at the one that was said."""

    life: Life = Life(0)
    calls: int = 0
    mail: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def watch(self, session: boto3.Session) -> None:
        """Be told of every call of the clients that are made from now on."""
        session.events.register_first("before-parameter-build.sns.Publish", self.note)
        session.events.register_first("before-send", self.before)
        session.events.register_last("after-call", self.after)

    def note(self, params: Mapping[str, str], **_: object) -> None:
        self.mail = NAMED.findall(params["Message"])

    def before(self, event_name: str, **_: object) -> None:
        self.calls += self.life.number > 0 and (".sqs." in event_name or any(work_at_hand()))
        self._end(event_name, answered=False)

    def after(self, event_name: str, **_: object) -> None:
        if event_name == "after-call.sns.Publish":
            self.told += self.mail
        self._end(event_name, answered=True)

    def _end(self, event_name: str, *, answered: bool) -> None:
        if self.calls > 0 and (self.calls, answered) == (self.life.number, self.life.answered):
            tell(End(event_name.partition(".")[2], "".join(list(work_at_hand())[-1:]), self.told))
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Clock:
    """Stands in for the module `time`, ahead of it."""

    ahead: int

    def time(self) -> float:
        return time.time() + self.ahead


def work_at_hand() -> Iterator[str]:
    """The works that are under way, the innermost first."""
    frame = inspect.currentframe()
    while frame:
        if (name := frame.f_code.co_name) in WORK:
            yield name.removeprefix("_")
        frame = frame.f_back


def tell(end: End) -> None:
    print(json.dumps(asdict(end)), flush=True)


def live(life: Life, killer: Killer, sqs: SQSClient) -> None:
    """Work off the queue, then what the schedule brings, until there is nothing left or the end comes."""
    brought = True

    def handle(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
        nonlocal brought
        brought = True
        killer.told.clear()
        return worker.handler(event, context)

    for module in (outbox, notifications, outbox_worker):
        vars(module)["time"] = Clock(life.ahead)
    queue = poller.Poller(sqs, os.environ["PIXTAG_QUEUE_URL"], handle)
    killer.life = life
    while brought:
        brought = False
        queue.poll()
    handle(poller.scheduled_event(), None)


def main() -> None:
    """Warm up, then live as often as is asked for."""
    boto3.setup_default_session()
    killer = Killer()
    if boto3.DEFAULT_SESSION:
        killer.watch(boto3.DEFAULT_SESSION)
    poller.WAIT_SECONDS = 0
    vars(wiring)["detector"] = lambda: Sight(killer.life.sees_cats)
    wiring.outbox_worker()  # creates all clients without a connection, which would not survive a fork
    sqs = boto3.client("sqs")
    gc.freeze()  # what is there is left alone, and so shared with each life
    for line in sys.stdin:
        life = Life(**json.loads(line))
        if not (child := os.fork()):
            live(life, killer, sqs)
            os._exit(0)
        if (status := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])) == 0:
            tell(End())
        elif status != -signal.SIGKILL:
            sys.exit("A life has failed.")


if __name__ == "__main__":
    main()
