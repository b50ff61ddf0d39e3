"""Benchmark of the outbox: how much the due changes of one person delay the e-mails of other people.

The outbox worker runs with SQLite and real changes. "Measured" is the time that it takes on this machine. "Simulated"
is the time that its calls would take on AWS: a virtual clock advances by a fixed time for each call of a store.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest import mock

from app.adapters.local import outbox as outbox_module
from app.adapters.local.stores import LocalStores
from app.domain import announcements
from app.domain.query import parse
from app.services import notifications, outbox_worker, queue_worker
from tests.bench.frame import BLUE, ORANGE, plot_file, progress, show
from tests.support.fakes import FakeDetector, image
from tests.support.services import Services, connect_local

BUSY: Final = "busy"
SUBSCRIPTIONS: Final = 10
READ_SECONDS, WRITE_SECONDS, SNS_SECONDS = 0.004, 0.012, 0.05  # of one call on AWS
RUN_SECONDS: Final = 40  # the worker's time limit without its spare time
SCHEDULE_SECONDS: Final = 60
CALLS: Final = {  # what the calls of a store send to DynamoDB and SNS
    "outbox": {
        "list_due": 8 * READ_SECONDS,
        "take": WRITE_SECONDS,
        "release": READ_SECONDS + WRITE_SECONDS,
        "lease": READ_SECONDS,
        "has_account_deletion": READ_SECONDS,
    },
    "subscriptions": {
        "list": 2 * READ_SECONDS,
        "list_announcements": READ_SECONDS,
        "get_alerts": READ_SECONDS,
        "save_alerts": WRITE_SECONDS,
        "claim_digest": WRITE_SECONDS,
    },
    "images": {"find_images": READ_SECONDS},
    "mail": {"state": SNS_SECONDS, "publish": SNS_SECONDS},
}
INSERT: Final = """
    WITH RECURSIVE number (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM number WHERE value < ?)
    INSERT INTO announcement (owner, id, version, created_at, before, was_ready, after, is_ready)
    SELECT ?, printf('0%025d', value), 2, ?, '{"cat":1}', 1, '{"cat":1,"dog":1}', 1 FROM number
"""


@dataclass
class VirtualClock:
    """Replaces the module `time`. It advances only with the calls of stores."""

    now: float = field(default_factory=time.time)
    events: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    monotonic = time

    def is_before(self, end: float) -> bool:
        return self.now < end

    def advance(self, seconds: float) -> None:
        """Let time pass, and run the events of this time."""
        self.now += seconds
        while self.events and self.events[0][0] <= self.now:
            self.events.pop(0)[1]()


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in all parts
    """Return the delays of the e-mails of others, behind no, 10^3, 3,000 and 10^6 changes."""
    numbers = (0, 1_000, 3_000, 10_000 if quick else 1_000_000)
    figures: dict[str, Any] = {}
    with progress("Due changes", len(numbers)) as step:
        for number in numbers:
            figures[str(number)] = {"measured": _measure_delay(number), **_simulate(number)}
            next(step)
    for row in figures.values():
        row["longest"] = max(row["delays"])
        row["added"] = max(
            loaded - without for loaded, without in zip(row["delays"], figures["0"]["delays"], strict=True)
        )
    show(
        "Delay of another person's e-mail, in seconds",
        (
            "due changes of one person",
            "measured",
            "simulated, longest",
            "at most later than unloaded",
            "busy person done after",
        ),
        [
            (f"{int(number):,}", row["measured"], row["longest"], row["added"], row["drained"])
            for number, row in figures.items()
        ],
    )
    return {"delays": figures}


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the longest delay and the time until the busy person's changes are processed."""
    delays = figures["delays"]
    names = [f"{int(number):,}" for number in delays]
    with plot_file(folder / "outbox.svg", 1, 1, size=(8, 2.8)) as (axes,):
        axes.barh(names, [row["drained"] for row in delays.values()], color=ORANGE, label="the busy person's changes")
        axes.barh(names, [row["longest"] for row in delays.values()], color=BLUE, height=0.4, label="another's e-mail")
        axes.set(title="Longest wait on AWS, simulated, by due changes", xlabel="seconds")
        axes.legend()


def _measure_delay(number: int) -> float:
    """Return the seconds from the start of a run until another person's e-mail, on this machine."""
    with tempfile.TemporaryDirectory() as folder, connect_local(Path(folder), FakeDetector) as services:
        _add_people(services, ["ada"])
        _add_changes(services, number)
        services.images.save(image("ada", dog=1))
        with _record_mails(services, time.monotonic) as mails:
            start = time.monotonic()
            services.queue_worker.process_due_outboxes(lambda: "ada" not in mails)
        return mails["ada"] - start


def _simulate(number: int) -> dict[str, Any]:
    """Simulate the schedule on AWS while others change an image every five seconds."""
    clock = VirtualClock()
    start = clock.now
    others = [f"person {each}" for each in range(60)]
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        services = stack.enter_context(connect_local(Path(folder), FakeDetector))
        _add_people(services, others)
        _add_changes(services, number)
        for module in (announcements, notifications, outbox_module, outbox_worker, queue_worker):
            stack.enter_context(mock.patch.object(module, "time", clock))
        mails = stack.enter_context(_record_mails(services, clock.time))
        edits = {other: start + 1 + 5 * each for each, other in enumerate(others)}
        clock.events += [(at, partial(services.images.save, image(other, dog=1))) for other, at in edits.items()]
        list_announcements = services.subscriptions.list_announcements  # without a delay
        _add_latencies(services, clock, stack)
        drained = 0.0
        while len(mails.keys() & edits) < len(edits) or not drained:
            run_at = clock.now
            services.queue_worker.process_due_outboxes(partial(clock.is_before, run_at + RUN_SECONDS))
            if not drained and not list_announcements(BUSY, 1):
                drained = clock.now - start
            clock.advance(max(0, run_at + SCHEDULE_SECONDS - clock.now))
    return {"delays": [mails[other] - edits[other] for other in others], "drained": drained}


def _add_people(services: Services, others: Iterable[str]) -> None:
    """Give everybody a confirmed address and subscriptions whose matches are counted."""
    for owner in (BUSY, *others):
        services.mail.subscribe(owner, f"{owner.replace(' ', '-')}@example.com")
        for number in range(SUBSCRIPTIONS if owner == BUSY else 1):
            services.subscriptions.add(owner, parse(f"dog, !tag {number}"))
        services.outbox_worker.process(owner)


def _add_changes(services: Services, number: int) -> None:
    """Write announcements of a busy person from a minute ago. A single image stands for all their images."""
    assert isinstance(services.stores, LocalStores)
    with services.stores.database.write(durable=False) as connection:
        if number:
            connection.execute(INSERT, (number, BUSY, int(time.time()) - 60))


@contextmanager
def _record_mails(services: Services, now: Callable[[], float]) -> Iterator[dict[str, float]]:
    """Yield the time of each person's first e-mail. All digests list the same image."""
    mails: dict[str, float] = {}
    with (
        mock.patch.object(services.images, "find_images", lambda owner, _: [image(owner, dog=1)]),
        mock.patch.object(services.mail, "publish", lambda owner, *_: mails.setdefault(owner, now())),
    ):
        yield mails


def _add_latencies(services: Services, clock: VirtualClock, stack: ExitStack) -> None:
    """Let the clock advance before each call of a store."""

    is_calling = False

    def delay(call: Callable[..., Any], seconds: float) -> Callable[..., Any]:
        def call_later(*args: Any, **kwargs: Any) -> Any:
            nonlocal is_calling
            if is_calling:  # a store calls itself
                return call(*args, **kwargs)
            clock.advance(seconds)
            is_calling = True
            try:
                return call(*args, **kwargs)
            finally:
                is_calling = False

        return call_later

    for name, calls in CALLS.items():
        store = getattr(services, name)
        for method, seconds in calls.items():
            stack.enter_context(mock.patch.object(store, method, delay(getattr(store, method), seconds)))
