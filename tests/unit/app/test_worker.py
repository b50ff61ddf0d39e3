import json
from typing import Any
from urllib.parse import quote_plus

import pytest

from app import wiring, worker
from app.bucket import Upload
from app.catalog import Catalog
from app.images import Rendition, new_id
from app.table import Table


@pytest.fixture(autouse=True)
def wired(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "catalog", lambda: catalog)


def message(body: dict[str, Any]) -> dict[str, Any]:
    return {"messageId": new_id(), "body": json.dumps(body)}


def notification(*keys: str) -> dict[str, Any]:
    return message({"Records": [{"s3": {"object": {"key": quote_plus(key)}}} for key in keys]})


def test_a_notification_makes_its_image_ready(catalog: Catalog, table: Table, owner: str, photo: bytes) -> None:
    image = catalog.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), most=10_000)

    answer = worker.handler({"Records": [notification(Rendition.INCOMING.key(owner, image.id))]}, None)

    assert answer == {"batchItemFailures": []}
    assert table.get_image(owner, image.id).state == "ready"


def test_one_bad_message_does_not_sink_the_batch(catalog: Catalog, table: Table, owner: str, photo: bytes) -> None:
    image = catalog.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), most=10_000)
    bad = {"messageId": "bad", "body": "no JSON"}

    answer = worker.handler({"Records": [bad, notification(Rendition.INCOMING.key(owner, image.id))]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert table.get_image(owner, image.id).state == "ready"


def test_the_test_event_of_a_new_bucket_is_no_failure() -> None:
    assert worker.handler({"Records": [message({"Event": "s3:TestEvent"})]}, None) == {"batchItemFailures": []}


def test_a_key_that_is_no_upload_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    assert worker.handler({"Records": [notification("originals/a/b")]}, None) == {"batchItemFailures": []}
    assert "no upload" in caplog.text
