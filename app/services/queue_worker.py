"""Processes the messages of the queue and the due outboxes, on AWS and on one machine.

A failed message does not affect other messages. It is delivered again. An upload gets `TRIES` attempts. The next
delivery only marks it as failed. Otherwise, an upload that crashes the process on every attempt would never be reported
as failed.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.domain.errors import ImageNotFound, InvalidState
from app.domain.images import Image, ImageState
from app.domain.messages import Message
from app.domain.ports import Redetections
from app.observability import logs, metrics
from app.observability.timings import Timings
from app.services.failures import contain_failure
from app.services.ingest import Ingest
from app.services.outbox_worker import OutboxWorker

logger: Final = logging.getLogger(__name__)

SLICE_SECONDS: Final = 1.0  # for one owner, before the next owner's turn
TRIES: Final = 4  # one less than maxReceiveCount in infra/aws/template.yaml


class GivenUp(Exception):
    """An upload failed on every attempt. The queue moves its message to the dead letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueWorker:
    """Processes one message or one outbox at a time."""

    ingest: Ingest
    redetections: Redetections
    outbox_worker: OutboxWorker

    def process(self, message: Message, deliveries: int) -> None:
        """Ingest or redetect an image.

        Args:
            message: The message.
            deliveries: How often the message has been delivered, including this time.

        Raises:
            GivenUp: this delivery comes after the last attempt. The upload is now marked as failed.
        """
        logs.note(correlation_id=message.image_id)
        if message.redetection:
            self._redetect(message)
        else:
            self._ingest(message, deliveries)

    def _ingest(self, message: Message, deliveries: int) -> None:
        if deliveries > TRIES and self.ingest.give_up(message.owner, message.image_id):
            metrics.count_failure(metrics.Reason.GIVEN_UP)
            raise GivenUp(f"{message.image_id} failed on {TRIES} attempts")
        timings = Timings()
        posted_bytes = message.size if deliveries == 1 else 0  # a message that is delivered again was counted
        image = self.ingest.ingest(message.owner, message.image_id, timings, posted_bytes)
        _report(f"ingested {message.image_id}", image, timings)

    def _redetect(self, message: Message) -> None:
        """Redetect an image. An image that is no longer in the library counts as done."""
        timings, image = Timings(), None
        try:
            image = self.ingest.redetect(
                message.owner, message.image_id, redetection=message.redetection, timings=timings
            )
        except (ImageNotFound, InvalidState):
            self.redetections.record_done(message.owner, message.redetection)
        _report(f"redetected {message.image_id}", image, timings)

    def process_due_outboxes(self, has_time: Callable[[], bool]) -> None:
        """Process the outboxes with due work, longest wait first, while there is time.

        Owners with much work take turns, so that they do not delay the others. Record the longest wait as a metric.
        """
        owners = self.outbox_worker.outbox.list_due()
        metrics.record_outbox_age(max(0, time.time() - min(due.since for due in owners)) if owners else 0)
        waiting = deque(due.owner for due in owners)
        while waiting:
            if not has_time():
                logger.warning("no time left; the remaining outbox rows are processed later")
                return
            owner = waiting.popleft()
            if self.process_outbox(owner, has_time):
                waiting.append(owner)

    def process_outbox(self, owner: str, has_time: Callable[[], bool]) -> bool:
        """Process an owner's outbox for at most `SLICE_SECONDS`. Return whether more work is due now."""
        ends_at = time.monotonic() + SLICE_SECONDS
        with contain_failure("outbox of", owner):
            return self.outbox_worker.process(owner, lambda: has_time() and time.monotonic() < ends_at)
        return False


def _report(action: str, image: Image | None, timings: Timings) -> None:
    """Log an image's outcome and record its metrics."""
    durations = "".join(f", {step} {seconds:.3f} s" for step, seconds in timings.seconds.items())
    logger.info("%s: %s%s", action, _describe(image), durations)
    if image and image.state is ImageState.READY:
        metrics.count_tagged(sum(image.tags.values()), timings)
    elif image and image.state is ImageState.FAILED:
        metrics.count_unreadable(timings)


def _describe(image: Image | None) -> str:
    if not image:
        return "no image"
    return f"duplicate of {image.duplicate_of}" if image.duplicate_of else str(image.state)
