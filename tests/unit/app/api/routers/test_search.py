from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.adapters.aws.bucket import Upload
from app.services.ingest import Ingest
from tests.support.aws import BUCKET_NAME
from tests.support.fakes import FakeDetector


@pytest.fixture
def photos(ingest: Ingest, detector: FakeDetector, owner: str, photo: bytes) -> None:
    for sees in ({"person": 2, "dog": 1}, {"person": 1}, {}):
        detector.sees = sees
        name = ", ".join(f"{label} {count}" for label, count in sees.items())
        data = photo + name.encode()  # behind its end a JPEG may hold anything
        image = ingest.receive(owner, Upload(data, "image/jpeg", name or "nothing"), max_bytes=10_000)
        ingest.ingest(owner, image.id)


def names(answer: Any) -> set[str]:
    assert answer.status_code == 200
    return {image["name"] for image in answer.json()["images"]}


@pytest.mark.usefixtures("photos")
def test_a_query_finds_what_it_means(client: TestClient) -> None:
    assert names(client.get("/search", params={"q": "person>=2, dog"})) == {"person 2, dog 1"}
    assert names(client.get("/search", params={"q": "Person, !dog"})) == {"person 1"}
    assert names(client.get("/search", params={"q": "untagged"})) == {"nothing"}
    assert names(client.get("/search", params={"q": "dog|person=1"})) == {"person 2, dog 1", "person 1"}
    assert names(client.get("/search", params={"q": "person<=1, after:2026-01-31"})) == {"person 1", "nothing"}
    assert names(client.get("/search", params={"q": "person, before:2026-01-31"})) == set()


@pytest.mark.usefixtures("photos")
def test_tags_find_the_images_that_have_them_all(client: TestClient) -> None:
    assert names(client.post("/search", json={"tags": [{"tag": "person"}]})) == {"person 2, dog 1", "person 1"}
    assert names(client.post("/search", json={"tags": [{"tag": "person", "count": 2}, {"tag": "dog"}]})) == {
        "person 2, dog 1"
    }


@pytest.mark.usefixtures("photos")
def test_results_are_read_page_by_page(client: TestClient) -> None:
    first = client.post("/search", json={"tags": [{"tag": "person"}], "limit": 1}).json()
    second = client.get("/search", params={"q": "person", "limit": 1, "cursor": first["next"]}).json()

    assert first["images"][0]["id"] > second["images"][0]["id"]
    assert first["images"][0]["links"].keys() == {"preview", "thumbnail"}


def test_an_empty_library_finds_nothing(client: TestClient) -> None:
    assert client.get("/search", params={"q": "dog"}).json() == {"images": [], "next": None}
    assert client.get("/tags").json() == {"tags": []}


def test_a_wrong_query_points_at_the_character(client: TestClient) -> None:
    answer = client.get("/search", params={"q": "dog, person>=x"})

    assert answer.status_code == 422
    assert answer.json() == {
        "type": "urn:pixtag:invalid-query",
        "title": answer.json()["title"],
        "status": 422,
        "detail": "A count is a whole number from 0 to 999 (at character 14: 'x')",
        "position": 13,
    }


@pytest.mark.parametrize(
    "body",
    [
        {"tags": []},
        {"tags": [{"tag": ""}]},
        {"tags": [{"tag": "a,b"}]},
        {"tags": [{"tag": "dog", "count": 0}]},
        {"tags": [{"tag": "dog", "count": "1"}]},
        {"tags": [{"tag": "dog", "count": True}]},
        {"tags": [{"tag": "dog", "count": 2**70}]},
        {"tags": [{"tag": "dog", "owner": "me"}]},
        {"tags": [{"tag": "dog"}] * 25},
        {"tags": [{"tag": "dog"}], "username": "somebody else"},
        {"tags": "dog"},
        [],
    ],
)
def test_tags_of_the_wrong_form_are_refused(client: TestClient, body: Any) -> None:
    assert client.post("/search", json=body).status_code == 422


def test_a_garbage_cursor_is_refused(client: TestClient) -> None:
    assert client.get("/search", params={"q": "dog", "cursor": "x"}).status_code == 400
    assert client.post("/search", json={"tags": [{"tag": "dog"}], "cursor": "x"}).status_code == 400


@pytest.mark.usefixtures("photos")
def test_tags_are_listed_with_their_numbers(client: TestClient) -> None:
    assert client.get("/tags").json() == {
        "tags": [
            {"tag": "person", "images": 2, "objects": 3},
            {"tag": "dog", "images": 1, "objects": 1},
        ]
    }


@pytest.mark.usefixtures("photos")
def test_a_thumbnails_link_finds_its_image(client: TestClient) -> None:
    image = client.get("/search", params={"q": "dog"}).json()["images"][0]
    signed = image["links"]["thumbnail"]

    for link in (signed, signed.partition("?")[0], image["links"]["preview"]):
        found = client.get("/search/thumbnail", params={"url": link})
        assert (found.status_code, found.json()["id"]) == (200, image["id"])
        assert "/originals/" in found.json()["links"]["original"]


@pytest.mark.parametrize(
    "form",
    [
        "https://{bucket}.s3.amazonaws.com/{key}",
        "https://{bucket}.s3.us-east-1.amazonaws.com/{key}?X-Amz-Expires=1",
        "https://s3.us-east-1.amazonaws.com/{bucket}/{key}",
        "http://127.0.0.1:4566/{bucket}/{key}",
        "http://{bucket}.s3.localhost.localstack.cloud:4566/{key}",
    ],
)
@pytest.mark.usefixtures("photos")
def test_a_link_of_any_form_finds_its_image(client: TestClient, owner: str, form: str) -> None:
    image = client.get("/search", params={"q": "dog"}).json()["images"][0]
    link = form.format(bucket=BUCKET_NAME, key=f"thumbnails/{owner}/{image['id']}")

    found = client.get("/search/thumbnail", params={"url": link})

    assert (found.status_code, found.json()["id"]) == (200, image["id"])


@pytest.mark.usefixtures("photos")
def test_a_query_that_matches_nothing_is_no_error(client: TestClient) -> None:
    found = client.get("/search", params={"q": "zebra>=2, !dog"})

    assert (found.status_code, found.json()["images"], found.json()["next"]) == (200, [], None)


@pytest.mark.parametrize("url", ["", "x", "http://[", "https://photographs.s3.amazonaws.com/thumbnails/a/b"])
def test_any_other_link_finds_nothing(client: TestClient, url: str) -> None:
    assert client.get("/search/thumbnail", params={"url": url}).status_code == 404


def show(client: TestClient, data: bytes) -> Any:
    return client.post("/search/image", files={"file": ("a.jpg", data, "image/jpeg")})


@pytest.mark.usefixtures("photos")
def test_a_picture_finds_what_shows_as_much_and_apart_what_comes_near(
    client: TestClient, detector: FakeDetector, photo: bytes
) -> None:
    detector.sees = {"person": 2}
    answer = show(client, photo).json()

    assert answer["seen"] == [{"tag": "person", "count": 2}]
    assert [image["name"] for image in answer["images"]] == ["person 2, dog 1"]
    assert [(near["image"]["name"], near["missing"]) for near in answer["near"]] == [("person 1", ["person 1 of 2"])]


@pytest.mark.usefixtures("photos")
def test_the_nearest_comes_first(client: TestClient, detector: FakeDetector, photo: bytes) -> None:
    detector.sees = {"person": 2, "dog": 1, "cat": 1}
    near = show(client, photo).json()["near"]

    assert [one["missing"] for one in near] == [["cat missing"], ["person 1 of 2", "cat missing", "dog missing"]]


@pytest.mark.usefixtures("photos")
def test_a_picture_of_nothing_finds_nothing_and_none_is_kept(
    client: TestClient, photo: bytes, detector: FakeDetector
) -> None:
    detector.sees = {}
    before = client.get("/images").json()["images"]

    assert show(client, photo).json() == {"seen": [], "images": [], "near": []}
    assert [image["id"] for image in client.get("/images").json()["images"]] == [image["id"] for image in before]


@pytest.mark.parametrize(("data", "status"), [(b"<html>", 422), (b"", 413)])
def test_what_is_no_picture_finds_nothing(client: TestClient, data: bytes, status: int) -> None:
    assert show(client, data).status_code == status
