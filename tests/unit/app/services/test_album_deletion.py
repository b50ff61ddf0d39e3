from datetime import UTC, datetime

import pytest

from app.domain.albums import Album, add_to_album
from app.domain.ids import new_id
from app.domain.ports import Albums, Images, Outbox
from app.services import outbox_worker as outbox_worker_module
from app.services.outbox_worker import OutboxWorker
from tests.support.fakes import Clock, image


@pytest.mark.parametrize("backend", ["aws", "local"])
def test_deleted_album_is_emptied_page_by_page_while_there_is_time(
    albums: Albums,
    images: Images,
    outbox: Outbox,
    outbox_worker: OutboxWorker,
    owner: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_worker_module, "ALBUM_PAGE", 1)
    album = Album(new_id(), "Summer", datetime(2026, 1, 31, tzinfo=UTC))
    albums.put(owner, album)
    photos = [images.save(image(owner, dog=1)) for _ in range(3)]
    for photo in photos:
        images.save(add_to_album(photo, album.id), photo)
    albums.delete(owner, album.id)
    clock.ahead += 60
    answers = iter([True, True, False])

    def count_members() -> int:
        return sum(bool(images.get_image(owner, photo.id).albums) for photo in photos)

    outbox_worker.process(owner, lambda: next(answers, False))
    unfinished = count_members()
    outbox_worker.process(owner)

    assert 0 < unfinished < 3
    assert count_members() == 0
    assert outbox.lease(owner) == []
