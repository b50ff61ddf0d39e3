from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.adapters.local import expiry, object_sweep
from app.adapters.local import outbox as outbox_module
from app.adapters.local.stores import LocalStores
from app.domain.errors import RedetectionNotFound
from app.domain.images import PENDING_LIFE, TOMBSTONE_LIFE, ImageState, move_to_trash
from app.domain.outbox import TRASH_LIFE
from app.domain.uploads import Upload
from app.services.library import Library
from app.settings import LocalSettings
from tests.support.fakes import Clock, image

OWNER = "7d8462fe-dccc-400f-be65-a9d0950d59f9"
DAY = 86_400
LIFE = TRASH_LIFE.total_seconds()
MINUTE = 60


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[LocalStores]:
    stores = LocalStores(LocalSettings(data=tmp_path))
    yield stores
    stores.database.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (expiry, outbox_module, object_sweep):
        monkeypatch.setattr(module, "time", clock)
    return clock


class Worker:
    """The scheduled work on the trash of one owner."""

    def __init__(self, stores: LocalStores) -> None:
        self._stores = stores
        self._library = Library(stores.images, stores.objects, stores.preferences)

    def __call__(self) -> None:
        for row in self._stores.outbox.lease(OWNER):
            self._library.purge(row.owner, row.image_id, version=row.version)
            self._stores.outbox.delete(row)
        self._stores.images.expire()
        self._stores.objects.sweep()

    def trash(self) -> None:
        """Move a new photo to the trash. Its date is the one of this machine, whatever the clock says."""
        ready = self._stores.images.save(image(OWNER, sea=1))
        self._stores.images.save(move_to_trash(ready, datetime.now(UTC)), ready)

    def count_trash(self) -> int:
        return len(self._stores.images.list_images(OWNER, 9, states=frozenset({ImageState.TRASHED})).images)


@pytest.fixture
def work(stores: LocalStores) -> Worker:
    return Worker(stores)


def require_life(work: Worker, clock: Clock) -> None:
    """Check that the photo stays in the trash for 30 days from now, but not for longer."""
    clock.run_for(LIFE - MINUTE, work)
    assert work.count_trash() == 1
    clock.run_for(2 * MINUTE, work)
    assert work.count_trash() == 0


def test_trash_with_a_steady_clock_is_emptied_after_30_days(work: Worker, clock: Clock) -> None:
    work()
    work.trash()

    require_life(work, clock)


def test_trash_while_the_clock_was_40_days_back_stays_for_30_days(work: Worker, clock: Clock) -> None:
    clock.ahead = 40 * DAY
    work()
    clock.ahead = 0
    work()
    work.trash()

    clock.ahead = 40 * DAY

    require_life(work, clock)


def test_trash_while_the_clock_was_40_days_ahead_stays_for_30_days(work: Worker, clock: Clock) -> None:
    clock.ahead = -40 * DAY
    work()
    clock.ahead = 0
    work()
    work.trash()

    clock.ahead = -40 * DAY

    require_life(work, clock)


def test_trash_stays_for_30_days_after_a_start_31_days_ahead(work: Worker, clock: Clock) -> None:
    work()
    work.trash()
    clock.ahead = 31 * DAY
    work()

    clock.ahead = 0

    require_life(work, clock)


def test_trash_stays_for_30_days_after_the_machine_was_off_for_40_days(
    work: Worker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    work()
    work.trash()

    clock.ahead = 40 * DAY

    require_life(work, clock)
    [message] = caplog.messages
    assert message == (
        "The clock differs by 40 days from the last time at which PixTag ran. The photos in the trash (1) stay there"
        " for 30 more days."
    )


@pytest.mark.parametrize("days", [7, -7])
def test_trash_is_emptied_in_time_if_the_clock_moves_by_a_week(work: Worker, clock: Clock, days: int) -> None:
    clock.ahead = 10 * DAY
    work()
    work.trash()

    clock.ahead += days * DAY - MINUTE * (days > 0)
    clock.run_for(LIFE - clock.ahead + MINUTE, work)

    assert work.count_trash() == 0


def test_pending_images_tombstones_and_jobs_stay_after_a_jump(stores: LocalStores, work: Worker, clock: Clock) -> None:
    work()
    pending = stores.images.save(image(OWNER, ImageState.PENDING))
    tombstone = stores.images.save(image(OWNER, ImageState.GONE))
    started = stores.redetections.start(OWNER)

    def find() -> list[bool]:
        return [bool(stores.images.find_image(OWNER, each.id)) for each in (pending, tombstone)]

    clock.ahead = 40 * DAY
    stores.images.expire()
    assert find() == [True, True]
    assert stores.redetections.get(OWNER) == started

    clock.run_for(PENDING_LIFE.total_seconds(), stores.images.expire)
    assert find() == [False, True]

    clock.run_for(TOMBSTONE_LIFE.total_seconds(), stores.images.expire)
    assert find() == [False, False]
    with pytest.raises(RedetectionNotFound):
        stores.redetections.get(OWNER)


def test_upload_of_a_failed_image_stays_after_a_jump(stores: LocalStores, work: Worker, clock: Clock) -> None:
    work()
    failed = stores.images.save(image(OWNER, ImageState.FAILED))
    key = f"incoming/{OWNER}/{failed.id}"
    stores.objects.claim(key, Upload(b"photo", "image/jpeg", "beach.jpg"))
    with stores.database.write() as connection:
        connection.execute("DELETE FROM message")

    clock.ahead = 40 * DAY
    work()

    assert list(stores.objects.list_keys(key)) == [key]
