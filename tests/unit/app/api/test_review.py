from dataclasses import replace

from fastapi.testclient import TestClient

from app.domain.ports import Images
from tests.support.fakes import image


def test_review_lists_images_with_uncertain_objects(client: TestClient, images: Images, owner: str) -> None:
    detected = image(owner, dog=3, cat=1)
    unsure = [replace(each, confidence=0.2) for each in detected.detections[1:]]
    first = images.save(replace(detected, detections=(detected.detections[0], *unsure)))
    second = images.save(replace(image(owner), detections=tuple(unsure[:1])))
    images.save(image(owner, dog=1))

    page = client.get("/review", params={"limit": 1}).json()
    rest = client.get("/review", params={"cursor": page["next"]}).json()

    (summary,) = page["images"]
    assert (summary["id"], summary["certain"]) == (first.id, {"dog": 1})
    assert summary["tags"] == [{"tag": "dog", "count": 3}, {"tag": "cat", "count": 1}]
    assert ([each["id"] for each in rest["images"]], rest["next"]) == ([second.id], None)


def test_review_with_another_cursor_returns_400(client: TestClient) -> None:
    response = client.get("/review", params={"cursor": "2019-07"})

    assert (response.status_code, response.json()["type"]) == (400, "urn:pixtag:invalid-cursor")
