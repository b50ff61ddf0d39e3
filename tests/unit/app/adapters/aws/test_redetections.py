from datetime import timedelta

import pytest

from app.adapters.aws import redetections as redetections_module
from app.adapters.aws.outbox import Outbox
from app.adapters.aws.redetections import Redetections
from app.domain.errors import RedetectionNotFound
from app.domain.ids import new_id
from app.domain.outbox import OutboxKind


def test_there_is_none_before_the_first(redetections: Redetections, owner: str) -> None:
    with pytest.raises(RedetectionNotFound, match="POST /redetection"):
        redetections.get(owner)


def test_a_new_one_has_everything_before_it_and_is_left_to_the_relay(
    redetections: Redetections, outbox: Outbox, owner: str
) -> None:
    begun = redetections.begin(owner)

    assert begun == redetections.get(owner)
    assert (begun.queued, begun.done, begun.queued_all, begun.finished, begun.cursor) == (0, 0, False, False, None)
    assert [(row.kind, row.image_id) for row in outbox.lease(owner)] == [(OutboxKind.REDETECT, begun.id)]


def test_one_that_is_under_way_goes_on(redetections: Redetections, outbox: Outbox, owner: str) -> None:
    begun = redetections.begin(owner)

    assert redetections.begin(owner) == begun
    assert len(outbox.lease(owner)) == 1


def test_one_that_is_stuck_for_a_day_is_given_up(
    redetections: Redetections, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = redetections.begin(owner)
    monkeypatch.setattr(redetections_module, "MAX_RUN", timedelta())

    assert redetections.begin(owner).id > begun.id


def test_it_is_finished_when_all_are_queued_and_done(redetections: Redetections, owner: str) -> None:
    begun = redetections.begin(owner)
    half = redetections.advance(begun, new_id(), 2)
    whole = redetections.advance(half, None, 1)
    unfinished = []
    for _ in range(3):
        unfinished.append(redetections.get(owner).finished)
        redetections.count(owner, begun.id)

    done = redetections.get(owner)
    assert (half.queued, whole.queued, whole.queued_all) == (2, 3, True)
    assert unfinished == [False] * 3
    assert (done.done, done.finished) == (3, True)
    assert redetections.begin(owner).id > begun.id


def test_of_two_who_queue_the_same_page_one_is_counted(redetections: Redetections, owner: str) -> None:
    begun = redetections.begin(owner)
    first = redetections.advance(begun, new_id(), 2)

    assert redetections.advance(begun, new_id(), 2) == first == redetections.get(owner)


def test_people_do_not_see_each_others(redetections: Redetections, owner: str) -> None:
    redetections.begin("other")

    with pytest.raises(RedetectionNotFound):
        redetections.get(owner)


def test_what_was_forgotten_meanwhile_is_not_counted(redetections: Redetections, owner: str) -> None:
    redetections.count(owner, new_id())

    with pytest.raises(RedetectionNotFound):
        redetections.get(owner)
