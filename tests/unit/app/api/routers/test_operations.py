from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.routers import operations as operations_router
from app.domain import operations as operations_module
from app.domain.corrections import Correction, DrawnBox
from app.domain.errors import OperationNotFound
from app.domain.ids import EXAMPLE_ID, new_id
from app.domain.images import Image
from app.domain.operations import Operation
from app.domain.ports import Images, Operations, Quotas
from app.domain.undo_values import make_undo_row
from detector import BoundingBox
from tests.support.boxes import NOW
from tests.support.fakes import OTHER_OWNER
from tests.support.fakes import image as picture

ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
Save = Callable[..., Image]


@pytest.fixture
def save(images: Images, owner: str) -> Save:
    """A function that stores an image with some tags."""
    return lambda **counts: images.save(picture(owner, **counts))


def post(client: TestClient, path: str, **body: Any) -> dict[str, Any]:
    response = client.post(path, json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def undo(client: TestClient, operation: str = ID, **body: Any) -> dict[str, Any]:
    return post(client, f"/operations/{operation}/undo", **body)


def tags(images: Images, image: Image) -> dict[str, int]:
    return dict(images.get_image(image.owner, image.id).tags)


def _read(image: Image) -> tuple[object, ...]:
    return image.tags, image.taken, image.state, image.favourite


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/tags", {"add": [{"tag": "beach"}], "remove": [{"tag": "dog"}]}),
        ("/tags/rename", {"old": "dog", "new": "cat"}),
        ("/images/date", {"taken_at": "2019-07-28"}),
        ("/images/favourite", {"favourite": True}),
        ("/images/trash", {}),
    ],
)
def test_undo_of_each_change_restores_the_image(
    client: TestClient, images: Images, save: Save, path: str, body: dict[str, Any]
) -> None:
    image = save(dog=2, cat=1)
    operation = post(client, path, images={"ids": [image.id]}, **body)["operation"]
    changed = images.get_image(image.owner, image.id)

    response = undo(client, operation)

    restored = images.get_image(image.owner, image.id)
    assert response == {
        "changed": 1,
        "outcomes": [{"image": image.id, "result": "changed", "detail": ""}],
        "next": None,
        "operation": operation,
    }
    assert _read(changed) != _read(image)
    assert _read(restored) == _read(image)


def test_undo_of_a_rename_restores_all_boxes(client: TestClient, images: Images, save: Save) -> None:
    image = save(dog=2)
    moved = Correction("dog", image.detections[0].box, "dog", NOW, moved=BoundingBox(0.1, 0.2, 30.0, 40.5))
    drawn = DrawnBox(new_id(), "dog", BoundingBox(5.0, 5.0, 9.9, 9.9), NOW)
    image = images.save(replace(image, corrections=(moved,), drawn=(drawn,)), image)

    operation = post(client, "/tags/rename", images={"ids": [image.id]}, old="dog", new="wolf")["operation"]
    changed = images.get_image(image.owner, image.id)
    undo(client, operation)

    assert (changed.tags, {each.label for each in changed.visible_boxes}) == ({"wolf": 3}, {"wolf"})
    restored = replace(image, version=image.version + 2, undone_to=image.version)
    assert images.get_image(image.owner, image.id) == restored


def test_undo_of_a_restore_moves_the_images_to_the_trash(client: TestClient, images: Images, save: Save) -> None:
    image = save(dog=1)
    post(client, "/images/trash", images={"ids": [image.id]})
    operation = post(client, "/images/restore", images={"ids": [image.id]})["operation"]

    assert undo(client, operation)["changed"] == 1
    assert images.get_image(image.owner, image.id).state == "trashed"


def test_requests_with_the_same_id_are_undone_together_page_by_page(
    client: TestClient, images: Images, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations_router, "MAX_IMAGES", 2)
    pictures = [save(dog=1) for _ in range(5)]
    for image in pictures:
        response = post(client, "/tags", add=[{"tag": "beach"}], images={"ids": [image.id]}, operation=ID.upper())
        assert response["operation"] == ID

    pages = [undo(client)]
    while cursor := pages[-1]["next"]:
        pages.append(undo(client, cursor=cursor))

    assert [page["changed"] for page in pages] == [2, 2, 1]
    assert [tags(images, image) for image in pictures] == [{"dog": 1}] * 5
    assert undo(client)["outcomes"] == [
        {"image": image.id, "result": "unchanged", "detail": ""} for image in pictures[:2]
    ]


def test_undo_reports_images_that_changed_since_and_leaves_them(client: TestClient, images: Images, save: Save) -> None:
    first, second, third = (save(dog=1) for _ in range(3))
    post(
        client,
        "/tags",
        add=[{"tag": "beach"}],
        images={"ids": [first.id, second.id, third.id]},
        operation=ID,
    )
    post(client, "/tags", add=[{"tag": "cat"}], images={"ids": [second.id]})
    images.delete_images(first.owner, 1)

    response = undo(client)

    assert response["changed"] == 1
    assert [(outcome["result"], outcome["detail"]) for outcome in response["outcomes"]] == [
        ("failed", "There is no such image in your library."),
        ("failed", "This photo was changed afterwards, so it stays as it is."),
        ("changed", ""),
    ]
    assert tags(images, second) == {"dog": 1, "beach": 1, "cat": 1}


def test_undo_of_unknown_operation_or_of_another_person_returns_404(
    client: TestClient, caller: Callable[[str], TestClient], images: Images, save: Save
) -> None:
    image = save(dog=1)
    post(client, "/images/trash", images={"ids": [image.id]}, operation=ID)
    stranger = caller(OTHER_OWNER)

    responses = [stranger.post(f"/operations/{ID}/undo", json={})]
    responses += [client.post(f"/operations/{operation}/undo", json={}) for operation in (new_id(), "x", f"{ID}x")]

    assert {(response.status_code, response.json()["type"]) for response in responses} == {
        (404, "urn:pixtag:operation-not-found")
    }
    assert images.get_image(image.owner, image.id).state == "trashed"


def test_undo_after_an_hour_returns_404_and_the_operation_cannot_continue(
    client: TestClient, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"images": {"ids": [save(dog=1).id]}, "operation": ID}
    post(client, "/images/trash", **body)
    monkeypatch.setattr(operations_module, "UNDO_LIFE", timedelta(seconds=-2))

    late, continued = client.post(f"/operations/{ID}/undo", json={}), client.post("/images/trash", json=body)

    assert late.status_code == 404
    assert (continued.status_code, continued.json()["type"]) == (409, "urn:pixtag:operation-ended")


@pytest.mark.parametrize("cursor", ["x", ID, "2019-07", f"{EXAMPLE_ID}#"])
def test_undo_with_invalid_cursor_returns_400(client: TestClient, cursor: str) -> None:
    response = client.post(f"/operations/{ID}/undo", json={"cursor": cursor})

    assert (response.status_code, response.json()["type"]) == (400, "urn:pixtag:invalid-cursor")


@pytest.mark.parametrize("operation", ["", "x", f"{ID}#", ID[:-1], 7, f"{ID}\n"])
def test_change_with_invalid_operation_id_returns_422(client: TestClient, save: Save, operation: object) -> None:
    body = {"images": {"ids": [save(dog=1).id]}, "operation": operation}

    assert client.post("/images/trash", json=body).status_code == 422


def test_dry_run_and_purge_have_no_operation(client: TestClient, operations: Operations, save: Save) -> None:
    image = save(dog=1)
    selection = {"ids": [image.id]}
    dry = [
        post(client, "/images/trash", images=selection | {"dry_run": True}, operation=ID),
        post(client, "/tags/rename", old="dog", new="cat", dry_run=True, operation=ID),
        post(client, "/images/date", taken_at="2019-07-28", images=selection | {"dry_run": True}, operation=ID),
    ]
    post(client, "/images/trash", images=selection)

    purge = {"images": selection, "operation": ID}
    refused, purged = client.post("/images/purge", json=purge), post(client, "/images/purge", images=selection)

    assert [response["operation"] for response in (*dry, purged)] == [None] * 4
    assert refused.status_code == 422
    with pytest.raises(OperationNotFound):
        operations.get(image.owner, ID)


def test_repeated_request_without_id_belongs_to_the_same_operation(
    client: TestClient, images: Images, save: Save
) -> None:
    image = save(dog=1)
    body = {"add": [{"tag": "beach"}], "images": {"ids": [image.id]}}
    first, second = (client.post("/tags", json=body, headers={"Idempotency-Key": "a"}).json() for _ in range(2))

    assert first["operation"] == second["operation"]
    assert undo(client, second["operation"])["changed"] == 1
    assert tags(images, image) == {"dog": 1}


def test_request_that_is_repeated_after_the_end_of_its_operation_begins_another_one(
    client: TestClient, images: Images, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = save(dog=1)
    body = {"add": [{"tag": "beach"}], "images": {"ids": [image.id]}}
    first = client.post("/tags", json=body, headers={"Idempotency-Key": "a"})
    monkeypatch.setattr(operations_module, "UNDO_LIFE", timedelta(seconds=-2))

    second = client.post("/tags", json=body, headers={"Idempotency-Key": "a"})

    assert (second.status_code, second.json()["changed"]) == (200, 1)
    assert second.json()["operation"] != first.json()["operation"]
    assert tags(images, image) == {"dog": 1, "beach": 1}


def test_undo_leaves_out_the_rows_of_an_expired_operation_with_the_same_id(
    client: TestClient, images: Images, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations_router, "MAX_IMAGES", 2)
    old, new = ([save(dog=1) for _ in range(3)] for _ in range(2))
    for before in old:
        after = replace(before, name="renamed")
        images.save(after, before, undo=make_undo_row(Operation(before.owner, ID, 0, 0), before, after))
    post(client, "/images/trash", images={"ids": [image.id for image in new]}, operation=ID)

    pages = [undo(client)]
    while cursor := pages[-1]["next"]:
        pages.append(undo(client, cursor=cursor))

    assert [len(page["outcomes"]) for page in pages] == [0, 1, 2]
    assert {images.get_image(image.owner, image.id).state for image in new} == {"ready"}


def test_undo_counts_an_edit_for_each_image(client: TestClient, small_quotas: Quotas, save: Save) -> None:
    small_quotas.limits = replace(small_quotas.limits, edits_per_minute=4)
    ids = [save(dog=1).id for _ in range(2)]
    post(client, "/images/trash", images={"ids": ids}, operation=ID)

    assert undo(client)["changed"] == 2
    assert client.post("/images/trash", json={"images": {"ids": ids[:1]}}).status_code == 429
