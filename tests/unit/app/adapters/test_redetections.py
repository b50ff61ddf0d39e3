from datetime import timedelta

import pytest

from app.domain import redetections as redetections_module
from app.domain.errors import RedetectionNotFound
from app.domain.ids import new_id
from app.domain.outbox import OutboxKind
from app.domain.ports import Outbox, Redetections


def test_get_without_job_raises_redetection_not_found(redetections: Redetections, owner: str) -> None:
    with pytest.raises(RedetectionNotFound, match="POST /redetection"):
        redetections.get(owner)


def test_start_creates_an_empty_job_and_an_outbox_row(redetections: Redetections, outbox: Outbox, owner: str) -> None:
    started = redetections.start(owner)

    assert started == redetections.get(owner)
    assert (started.queued, started.done, started.queued_all, started.finished, started.cursor) == (
        0,
        0,
        False,
        False,
        None,
    )
    assert [(row.kind, row.image_id) for row in outbox.lease(owner)] == [(OutboxKind.REDETECT, started.id)]


def test_start_with_unfinished_job_returns_that_job(redetections: Redetections, outbox: Outbox, owner: str) -> None:
    started = redetections.start(owner)

    assert redetections.start(owner) == started
    assert len(outbox.lease(owner)) == 1


def test_start_with_unfinished_job_of_a_day_ago_creates_a_new_job(
    redetections: Redetections, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = redetections.start(owner)
    monkeypatch.setattr(redetections_module, "MAX_RUN", timedelta())

    assert redetections.start(owner).id > started.id


def test_finished_is_true_when_all_images_are_queued_and_done(redetections: Redetections, owner: str) -> None:
    started = redetections.start(owner)
    first = redetections.record_queued(started, new_id(), 2)
    second = redetections.record_queued(first, None, 1)
    unfinished = []
    for _ in range(3):
        unfinished.append(redetections.get(owner).finished)
        redetections.record_done(owner, started.id)

    last = redetections.get(owner)
    assert (first.queued, second.queued, second.queued_all) == (2, 3, True)
    assert unfinished == [False] * 3
    assert (last.done, last.finished) == (3, True)
    assert redetections.start(owner).id > started.id


def test_record_queued_of_the_same_page_twice_counts_it_once(redetections: Redetections, owner: str) -> None:
    started = redetections.start(owner)
    first = redetections.record_queued(started, new_id(), 2)

    assert redetections.record_queued(started, new_id(), 2) == first == redetections.get(owner)


def test_get_of_job_of_another_owner_raises_redetection_not_found(redetections: Redetections, owner: str) -> None:
    redetections.start("another owner")

    with pytest.raises(RedetectionNotFound):
        redetections.get(owner)


def test_record_done_of_deleted_job_creates_nothing(redetections: Redetections, owner: str) -> None:
    redetections.record_done(owner, new_id())

    with pytest.raises(RedetectionNotFound):
        redetections.get(owner)
