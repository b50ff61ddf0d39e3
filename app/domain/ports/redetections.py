"""Defines the interface of the store of redetection jobs."""

from typing import Protocol

from app.domain.redetections import Redetection


class Redetections(Protocol):
    """Starts redetection jobs and records their progress."""

    def start(self, owner: str) -> Redetection:
        """Start a job for the owner's library. If an unfinished job is less than a day old, return that job."""

    def get(self, owner: str) -> Redetection:
        """Return the owner's latest job.

        Raises:
            RedetectionNotFound: the owner has started no job in the last 30 days.
        """

    def record_queued(self, redetection: Redetection, cursor: str | None, count: int) -> Redetection:
        """Record that `count` more images are queued. A cursor of None means that all images are queued.

        Change nothing if another worker has already recorded this page.

        Returns:
            The current job.
        """

    def record_done(self, owner: str, redetection_id: str) -> None:
        """Record that an image is done because it is no longer in the library.

        Change nothing if the job was deleted with its account.
        """
