"""People draw, move, confirm and review the boxes of an image over HTTP."""

import io
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import ExifTags
from PIL import Image as PillowImage

from app.domain.boxes import MAX_DRAWN
from app.domain.corrections import DrawnBox
from app.domain.ids import is_id
from app.domain.images import Image
from app.domain.ports import Images
from app.domain.tags import MAX_TAGS, TagEdit
from app.domain.uploads import Upload
from app.services.ingest import Ingest
from tests.support.boxes import NOW
from tests.support.entity_tags import read_version
from tests.support.fakes import image as picture
from tests.support.jpegs import make_photo

BOX = {"x1": 40, "y1": 20.5, "x2": 64, "y2": 48}
FOX = {"label": "Fox", "box": BOX}


@pytest.fixture
def image(images: Images, owner: str) -> Image:
    """An image of 64 x 48 pixels with two dogs."""
    return images.save(replace(picture(owner, dog=2), width=64, height=48))


@pytest.fixture
def path(image: Image) -> str:
    return f"/images/{image.id}"


def tags(details: dict[str, Any]) -> dict[str, int]:
    return {tag["tag"]: tag["count"] for tag in details["tags"]}


def ids(details: dict[str, Any]) -> list[str]:
    return [each["id"] for each in details["detections"]]


def test_draw_adds_the_box_at_the_end(client: TestClient, path: str) -> None:
    response = client.post(f"{path}/detections", json=FOX)

    details = response.json()
    assert (response.status_code, response.headers["Location"]) == (201, path)
    assert details == client.get(path).json()
    assert tags(details) == {"dog": 2, "fox": 1}
    drawn = details["detections"][-1]
    assert is_id(drawn["id"])
    assert drawn | {"id": "", "corrected_at": ""} == {
        "id": "",
        "source": "person",
        "label": "fox",
        "detected_label": None,
        "confidence": None,
        "certain": True,
        "corrected_at": "",
        "box": BOX,
        "detected_box": None,
    }
    (fox,) = (tag for tag in details["tags"] if tag["tag"] == "fox")
    assert (fox["source"], fox["detected"], fox["edited_at"]) == ("hand", 0, drawn["corrected_at"])
    assert len(client.get("/search", params={"q": "fox"}).json()["images"]) == 1


def test_repeated_draw_with_the_same_key_adds_no_box(client: TestClient, path: str) -> None:
    headers = {"Idempotency-Key": "key", "If-Match": client.get(path).headers["ETag"]}

    first, second = (client.post(f"{path}/detections", json=FOX, headers=headers) for _ in range(2))
    other = client.post(f"{path}/detections", json=FOX | {"label": "cat"}, headers={"Idempotency-Key": "key"})

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["detections"] == second.json()["detections"]
    assert (other.status_code, other.json()["type"]) == (422, "urn:pixtag:idempotency-key-reused")


def test_draw_with_outdated_version_returns_412(client: TestClient, path: str) -> None:
    response = client.post(f"{path}/detections", json=FOX, headers={"If-Match": '"9"', "Idempotency-Key": "key"})

    assert response.status_code == 412


@pytest.mark.parametrize(
    ("edges", "detail"),
    [
        ({"x2": 64.1}, "not inside the photo. x1 and x2 must be from 0 to 64, and y1 and y2 from 0 to 48"),
        ({"x1": -1}, "not inside the photo"),
        ({"y2": 1e300}, "not inside the photo"),
        ({"x1": 64}, "at least 1 pixel wide and high"),
        ({"x1": 50, "x2": 45}, "at least 1 pixel wide and high"),
    ],
)
def test_box_outside_the_photo_or_without_size_returns_422(
    client: TestClient, path: str, edges: dict[str, float], detail: str
) -> None:
    before = client.get(path).json()

    drawn = client.post(f"{path}/detections", json={"label": "fox", "box": BOX | edges})
    moved = client.patch(f"{path}/detections/{ids(before)[0]}", json={"box": BOX | edges})

    assert (drawn.status_code, drawn.json()["type"]) == (422, "urn:pixtag:invalid-box")
    assert detail in drawn.json()["detail"]
    assert moved.json() == drawn.json()
    assert client.get(path).json() == before


def test_box_in_a_rotated_photo_is_in_pixels_of_the_upright_photo(
    client: TestClient, ingest: Ingest, owner: str
) -> None:
    exif = PillowImage.Exif()
    exif[ExifTags.Base.Orientation] = 6
    file = io.BytesIO()
    make_photo(40, 20).save(file, "JPEG", exif=exif)
    pending = ingest.receive(owner, Upload(file.getvalue(), "image/jpeg", "a.jpg"), max_bytes=10_000)
    ingest.ingest(owner, pending.id)
    path = f"/images/{pending.id}/detections"

    upright = client.post(path, json={"label": "fox", "box": {"x1": 0, "y1": 0, "x2": 20, "y2": 40}})
    stored = client.post(path, json={"label": "fox", "box": {"x1": 0, "y1": 0, "x2": 40, "y2": 20}})

    assert (upright.status_code, stored.status_code) == (201, 422)


@pytest.mark.parametrize("edge", ["NaN", "Infinity", "-Infinity", "1e999", '"1"', "true", "null", "[]", "{}"])
def test_edge_that_is_no_finite_number_returns_422(client: TestClient, path: str, edge: str) -> None:
    body = f'{{"label": "fox", "box": {{"x1": 0, "y1": 0, "x2": {edge}, "y2": 10}}}}'

    response = client.post(f"{path}/detections", content=body, headers={"Content-Type": "application/json"})

    assert (response.status_code, response.json()["type"]) == (422, "urn:pixtag:invalid-request")
    assert response.json()["errors"][0]["pointer"] == "body/box/x2"


@pytest.mark.parametrize(
    "body",
    [
        {"label": "fox"},
        {"box": BOX},
        {"label": "a|b", "box": BOX},
        {"label": "fox", "box": BOX | {"x3": 1}},
        {"label": "fox", "box": {"x1": 1, "y1": 1, "x2": 2}},
        {"label": "fox", "box": [1, 2, 3, 4]},
    ],
)
def test_draw_with_invalid_body_returns_422(client: TestClient, path: str, body: dict[str, object]) -> None:
    assert client.post(f"{path}/detections", json=body).status_code == 422


def test_draw_of_one_tag_too_many_returns_422_and_loses_nothing(
    client: TestClient, images: Images, image: Image, path: str
) -> None:
    full = {f"tag {number}": TagEdit(1, NOW) for number in range(MAX_TAGS - 1)}
    images.save(replace(image, edits=full), image)
    before = client.get(path).json()

    response = client.post(f"{path}/detections", json=FOX)

    assert (response.status_code, response.json()["type"]) == (422, "urn:pixtag:too-many-tags")
    assert client.get(path).json() == before
    assert len(before["tags"]) == MAX_TAGS


def test_draw_of_one_box_too_many_returns_422(client: TestClient, images: Images, image: Image, path: str) -> None:
    box = image.detections[0].box
    full = tuple(DrawnBox(f"{number:026}", "cat", box, NOW) for number in range(MAX_DRAWN))
    images.save(replace(image, drawn=full), image)

    response = client.post(f"{path}/detections", json=FOX)

    assert (response.status_code, response.json()["type"]) == (422, "urn:pixtag:too-many-boxes")
    assert tags(client.get(path).json())["cat"] == MAX_DRAWN


def test_patch_moves_and_confirms_a_detection(client: TestClient, path: str) -> None:
    before = client.get(path).json()
    detection = before["detections"][0]

    details = client.patch(f"{path}/detections/{detection['id']}", json={"box": BOX}).json()

    assert tags(details) == tags(before)
    moved = details["detections"][0]
    assert moved["corrected_at"]
    assert moved == detection | {
        "box": BOX,
        "detected_box": detection["box"],
        "certain": True,
        "corrected_at": moved["corrected_at"],
    }
    undone = client.patch(f"{path}/detections/{detection['id']}", json={"box": detection["box"]}).json()
    assert (undone["detections"][0]["box"], undone["detections"][0]["detected_box"]) == (detection["box"], None)


def test_patch_with_the_same_label_confirms_a_detection(client: TestClient, path: str) -> None:
    before = client.get(path)
    detection = before.json()["detections"][0]

    response = client.patch(f"{path}/detections/{detection['id']}", json={"label": "dog"})

    confirmed = response.json()["detections"][0]
    assert confirmed == detection | {"certain": True, "corrected_at": confirmed["corrected_at"]}
    assert response.json()["tags"] == before.json()["tags"]
    assert response.headers["ETag"] != before.headers["ETag"]
    repeated = client.patch(f"{path}/detections/{detection['id']}", json={"label": "dog"})
    assert repeated.headers["ETag"] == response.headers["ETag"]


@pytest.mark.parametrize("body", [{}, {"label": None}, {"label": None, "box": None}])
def test_patch_without_change_returns_422(client: TestClient, path: str, body: dict[str, object]) -> None:
    response = client.patch(f"{path}/detections/{ids(client.get(path).json())[0]}", json=body)

    assert response.status_code == 422
    assert "at least one of label and box" in response.json()["errors"][0]["detail"]


def test_drawn_box_can_be_changed_and_deleted(client: TestClient, path: str) -> None:
    box_id = ids(client.post(f"{path}/detections", json=FOX).json())[-1]

    changed = client.patch(f"{path}/detections/{box_id}", json={"label": "wolf", "box": BOX | {"x1": 30.04}})
    deleted = client.delete(f"{path}/detections/{box_id}")
    again = client.delete(f"{path}/detections/{box_id}")

    assert changed.json()["detections"][-1]["box"] == BOX | {"x1": 30.0}
    assert tags(changed.json()) == {"dog": 2, "wolf": 1}
    assert (tags(deleted.json()), deleted.json()["dismissed"]) == ({"dog": 2}, [])
    assert (again.status_code, again.json()["type"]) == (404, "urn:pixtag:detection-not-found")


def test_removed_tag_of_a_drawn_box_can_be_restored(client: TestClient, image: Image, path: str) -> None:
    client.post(f"{path}/detections", json=FOX)
    client.post("/tags", json={"images": {"ids": [image.id]}, "remove": [{"tag": "fox"}]})

    details = client.get(path).json()

    assert tags(details) == {"dog": 2}
    assert [tag["tag"] for tag in details["rejected"]] == ["fox"]


def test_rename_of_a_tag_includes_drawn_boxes(client: TestClient, path: str) -> None:
    client.post(f"{path}/detections", json=FOX)

    client.post("/tags/rename", json={"old": "fox", "new": "dog"})

    details = client.get(path).json()
    assert tags(details) == {"dog": 3}
    assert [each["label"] for each in details["detections"]] == ["dog"] * 3


def test_review_decides_about_several_detections_in_one_version(client: TestClient, image: Image, path: str) -> None:
    drawn = client.post(f"{path}/detections", json=FOX).json()
    confirmed, dismissed, fox = ids(drawn)

    response = client.post(f"{path}/review", json={"confirm": [confirmed], "dismiss": [dismissed, fox]})

    assert response.status_code == 200
    assert read_version(response.headers["ETag"]) == image.version + 2
    assert tags(response.json()) == {"dog": 1}
    assert (ids(response.json()), response.json()["detections"][0]["certain"]) == ([confirmed], True)
    reset = client.post(f"{path}/review", json={"reset": [confirmed, dismissed]}).json()
    assert reset["detections"] == drawn["detections"][:2]
    assert reset["dismissed"] == []


def test_review_takes_a_count_back(client: TestClient, image: Image, path: str) -> None:
    before = client.get(path).json()
    client.post("/tags", json={"add": [{"tag": "dog"}], "images": {"ids": [image.id]}})

    response = client.post(f"{path}/review", json={"reset_counts": ["Dog"]})

    assert response.status_code == 200
    assert response.json() == before
    assert client.post(f"{path}/review", json={"reset_counts": ["a:b"]}).json()["type"] == "urn:pixtag:invalid-tag"


@pytest.mark.parametrize(
    "body", [{}, {"confirm": []}, {"confirm": ["a"], "dismiss": ["a"]}, {"reset": ["a", "a"]}, {"confirm": ["a"] * 301}]
)
def test_review_without_ids_or_with_repeated_ids_returns_422(
    client: TestClient, path: str, body: dict[str, object]
) -> None:
    assert client.post(f"{path}/review", json=body).status_code == 422


def test_review_with_unknown_id_returns_404_and_changes_nothing(client: TestClient, path: str) -> None:
    before = client.get(path).json()

    response = client.post(f"{path}/review", json={"dismiss": [ids(before)[0], "0" * 12]})

    assert (response.status_code, response.json()["type"]) == (404, "urn:pixtag:detection-not-found")
    assert client.get(path).json() == before


def test_review_with_outdated_version_returns_412(client: TestClient, path: str) -> None:
    confirm = {"confirm": ids(client.get(path).json())}

    assert client.post(f"{path}/review", json=confirm, headers={"If-Match": '"9"'}).status_code == 412
