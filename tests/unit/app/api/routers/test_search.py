from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.domain.capture_times import load_capture_time
from app.domain.ids import created_at
from app.domain.ports import Images
from app.domain.uploads import Upload
from app.services.ingest import Ingest
from tests.support.aws import BUCKET_NAME
from tests.support.fakes import FakeDetector
from tests.support.fakes import image as picture
from tests.support.pictures import paint_picture


@pytest.fixture
def photos(ingest: Ingest, detector: FakeDetector, owner: str, photo: bytes) -> None:
    for counts in ({"person": 2, "dog": 1}, {"person": 1}, {}):
        detector.sees = counts
        name = ", ".join(f"{label} {count}" for label, count in counts.items())
        data = photo + name.encode()  # a JPEG may contain any bytes after its end
        image = ingest.receive(owner, Upload(data, "image/jpeg", name or "nothing"), max_bytes=10_000)
        ingest.ingest(owner, image.id)


def names(response: Any) -> set[str]:
    assert response.status_code == 200
    return {image["name"] for image in response.json()["images"]}


@pytest.mark.usefixtures("photos")
def test_search_by_query_returns_matching_images(client: TestClient) -> None:
    assert names(client.get("/search", params={"q": "person>=2, dog"})) == {"person 2, dog 1"}
    assert names(client.get("/search", params={"q": "Person, !dog"})) == {"person 1"}
    assert names(client.get("/search", params={"q": "untagged"})) == {"nothing"}
    assert names(client.get("/search", params={"q": "dog|person=1"})) == {"person 2, dog 1", "person 1"}
    assert names(client.get("/search", params={"q": "person<=1, added>=2026-01-31"})) == {"person 1", "nothing"}
    assert names(client.get("/search", params={"q": "person, added<=2026-01-31"})) == set()
    assert names(client.get("/search", params={"q": "undated, person=1"})) == {"person 1"}


@pytest.mark.usefixtures("photos")
def test_search_by_tags_returns_images_with_all_tags(client: TestClient) -> None:
    assert names(client.post("/search", json={"tags": [{"tag": "person"}]})) == {"person 2, dog 1", "person 1"}
    assert names(client.post("/search", json={"tags": [{"tag": "person", "count": 2}, {"tag": "dog"}]})) == {
        "person 2, dog 1"
    }


@pytest.mark.usefixtures("photos")
def test_search_with_limit_returns_pages_newest_first(client: TestClient) -> None:
    first = client.post("/search", json={"tags": [{"tag": "person"}], "limit": 1}).json()
    second = client.get("/search", params={"q": "person", "limit": 1, "cursor": first["next"]}).json()

    assert first["images"][0]["id"] > second["images"][0]["id"]
    assert first["images"][0]["links"].keys() == {"preview", "large_thumbnail", "thumbnail"}


def test_search_by_capture_time_returns_matches_in_both_directions(
    client: TestClient, images: Images, owner: str
) -> None:
    taken = ("2019-07-28T01:03:00", "2018-06-01", "2018-08-31T23:59:59", "!2106-02-07T06:28:15")
    ids = [images.save(replace(picture(owner, dog=1), taken=load_capture_time(each))).id for each in taken]

    def find(query: str, **params: str) -> list[int]:
        found = client.get("/search", params={"q": query, **params}).json()["images"]
        return [ids.index(image["id"]) for image in found]

    assert find("dog") == [0, 2, 1, 3]
    assert find("dog", direction="asc") == [3, 1, 2, 0]
    assert find("dog", cursor="2018-08") == [2, 1, 3]
    assert find("dog", cursor="2018-08", direction="asc") == [2, 0]
    assert find("taken:2018-06..2018-08") == [2, 1]
    assert find("dog, taken:2019-07-28") == [0]
    assert find("taken<=2018, dog", direction="asc") == [1, 2]
    assert find("after:2018-06-02, before:2019-07-28") == [2]
    assert find("undated") == []


def test_search_in_empty_library_returns_no_images(client: TestClient) -> None:
    response = client.get("/search", params={"q": "dog"}).json()

    assert response == {"images": [], "next": None, "suggestions": [], "searched_until": None}
    assert client.get("/tags").json() == {"tags": []}


@pytest.mark.usefixtures("photos")
def test_search_for_an_unknown_tag_returns_suggestions_on_the_first_page(client: TestClient) -> None:
    first = client.get("/search", params={"q": "two people at the sea"}).json()
    found = client.get("/search", params={"q": "person|puppies", "limit": 1}).json()
    second = client.get("/search", params={"q": "person|puppies", "limit": 1, "cursor": found["next"]}).json()

    assert first["suggestions"] == [
        {"query": "person>=2", "text": "person (at least 2)", "images": 1, "exact": True, "ignored": ["sea"]},
        {"query": "person", "text": "person", "images": 2, "exact": True, "ignored": ["sea"]},
    ]
    assert [each["query"] for each in found["suggestions"]] == ["person|dog"]
    assert second["suggestions"] == []


@pytest.mark.usefixtures("photos")
def test_search_for_markup_returns_suggestions_without_it(client: TestClient) -> None:
    error = client.get("/search", params={"q": "<b>people</b>"}).json()
    unknown = client.get("/search", params={"q": "people &lt;b& 'dogs'"}).json()

    assert "suggestion" not in error
    assert [each["query"] for each in unknown["suggestions"]] == ["person, dog"]


@pytest.mark.usefixtures("photos")
def test_search_for_a_long_sentence_returns_an_error_with_its_query(client: TestClient) -> None:
    sentence = "please find all of the photos that show a dog and at least two people on the beach"

    problem = client.get("/search", params={"q": sentence}).json()

    assert (problem["type"], problem["suggestion"]) == ("urn:pixtag:invalid-query", "dog, person>=2")


def test_search_with_a_common_mistake_returns_the_correct_query(client: TestClient) -> None:
    problem = client.get("/search", params={"q": "dog AND cat"}).json()

    assert (problem["position"], problem["suggestion"]) == (4, "dog, cat")


def test_search_with_invalid_query_returns_position(client: TestClient) -> None:
    response = client.get("/search", params={"q": "dog, person>=x"})

    assert response.status_code == 422
    assert response.json() == {
        "type": "urn:pixtag:invalid-query",
        "title": response.json()["title"],
        "status": 422,
        "detail": "Expected a whole number from 0 to 999 (at character 14: 'x')",
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
        {"tags": [{"tag": "dog"}], "username": "other"},
        {"tags": "dog"},
        [],
    ],
)
def test_search_by_tags_with_invalid_body_returns_422(client: TestClient, body: Any) -> None:
    assert client.post("/search", json=body).status_code == 422


def test_search_with_invalid_cursor_returns_400(client: TestClient) -> None:
    assert client.get("/search", params={"q": "dog", "cursor": "x"}).status_code == 400
    assert client.post("/search", json={"tags": [{"tag": "dog"}], "cursor": "x"}).status_code == 400


@pytest.mark.usefixtures("photos")
def test_list_tags_returns_totals(client: TestClient) -> None:
    assert client.get("/tags").json() == {
        "tags": [
            {"tag": "person", "images": 2, "objects": 3},
            {"tag": "dog", "images": 1, "objects": 1},
        ]
    }


@pytest.mark.usefixtures("photos")
def test_search_by_link_of_api_returns_image(client: TestClient) -> None:
    image = client.get("/search", params={"q": "dog"}).json()["images"][0]
    signed = image["links"]["thumbnail"]

    for link in (signed, signed.partition("?")[0], image["links"]["preview"]):
        response = client.get("/search/thumbnail", params={"url": link})
        assert (response.status_code, response.json()["id"]) == (200, image["id"])
        assert "/originals/" in response.json()["links"]["original"]


@pytest.mark.parametrize(
    ("backend", "form"),
    [
        ("aws", "https://{bucket}.s3.amazonaws.com/{key}"),
        ("aws", "https://{bucket}.s3.us-east-1.amazonaws.com/{key}?X-Amz-Expires=1"),
        ("aws", "https://s3.us-east-1.amazonaws.com/{bucket}/{key}"),
        ("aws", "http://127.0.0.1:4566/{bucket}/{key}"),
        ("aws", "http://{bucket}.s3.localhost.localstack.cloud:4566/{key}"),
        ("local", "http://127.0.0.1:8000/objects/{key}"),
        ("local", "http://127.0.0.1:8000/objects/{key}?expires=1&signature=0"),
    ],
)
@pytest.mark.usefixtures("photos")
def test_search_by_link_in_any_form_returns_image(client: TestClient, owner: str, form: str) -> None:
    image = client.get("/search", params={"q": "dog"}).json()["images"][0]
    link = form.format(bucket=BUCKET_NAME, key=f"thumbnails/{owner}/{image['id']}")

    response = client.get("/search/thumbnail", params={"url": link})

    assert (response.status_code, response.json()["id"]) == (200, image["id"])


@pytest.mark.usefixtures("photos")
def test_search_without_matches_returns_200(client: TestClient) -> None:
    response = client.get("/search", params={"q": "zebra>=2, !dog"})

    assert (response.status_code, response.json()["images"], response.json()["next"]) == (200, [], None)


@pytest.mark.parametrize("url", ["", "x", "http://[", "https://photographs.s3.amazonaws.com/thumbnails/a/b"])
def test_search_by_unknown_link_returns_404(client: TestClient, url: str) -> None:
    assert client.get("/search/thumbnail", params={"url": url}).status_code == 404


def search_by_picture(client: TestClient, data: bytes) -> Any:
    return client.post("/search/image", files={"file": ("a.jpg", data, "image/jpeg")})


@pytest.mark.usefixtures("photos")
def test_search_by_picture_returns_matches_and_near_matches(
    client: TestClient, detector: FakeDetector, photo: bytes
) -> None:
    detector.sees = {"person": 2}
    response = search_by_picture(client, photo).json()

    assert response["seen"] == [{"tag": "person", "count": 2}]
    assert [image["name"] for image in response["images"]] == ["person 2, dog 1"]
    assert [(match["image"]["name"], match["missing"]) for match in response["near"]] == [
        ("person 1", ["person 1 of 2"])
    ]


@pytest.mark.usefixtures("photos")
def test_search_by_picture_returns_best_near_match_first(
    client: TestClient, detector: FakeDetector, photo: bytes
) -> None:
    detector.sees = {"person": 2, "dog": 1, "cat": 1}
    near = search_by_picture(client, photo).json()["near"]

    assert [match["missing"] for match in near] == [["cat missing"], ["person 1 of 2", "cat missing", "dog missing"]]


@pytest.mark.usefixtures("photos")
def test_search_by_picture_without_objects_returns_nothing_and_stores_nothing(
    client: TestClient, photo: bytes, detector: FakeDetector
) -> None:
    detector.sees = {}
    images_before = client.get("/images").json()["images"]

    response = search_by_picture(client, photo).json()

    assert [image["name"] for image in response.pop("copies")] == ["nothing"]
    assert response == {"seen": [], "images": [], "near": []}
    assert [image["id"] for image in client.get("/images").json()["images"]] == [image["id"] for image in images_before]


@pytest.mark.parametrize(("data", "status"), [(b"<html>", 422), (b"", 413)])
def test_search_by_invalid_picture_returns_error(client: TestClient, data: bytes, status: int) -> None:
    assert search_by_picture(client, data).status_code == status


@pytest.mark.usefixtures("photos")
def test_facets_count_tags_counts_and_years(client: TestClient) -> None:
    response = client.get("/search/facets", params={"q": "person", "tag": " Person "})

    assert response.status_code == 200
    (year,) = {created_at(image["id"]).year for image in client.get("/images").json()["images"]}
    assert response.json() == {
        "images": 2,
        "exact": True,
        "tags": [{"tag": "dog", "images": 1}],
        "counts": {"tag": "person", "counts": [{"count": 1, "images": 1}, {"count": 2, "images": 1}]},
        "years": [{"year": year, "images": 2}],
    }


@pytest.mark.usefixtures("photos")
def test_facets_without_parameters_count_the_library(client: TestClient) -> None:
    for params in ({}, {"q": ""}):
        response = client.get("/search/facets", params=params).json()

        assert (response["images"], response["tags"][0], response["counts"]) == (
            3,
            {"tag": "person", "images": 2},
            None,
        )


@pytest.mark.parametrize("params", [{"q": "dog AND cat"}, {"tag": ""}, {"tag": "a,b"}])
def test_facets_with_invalid_parameters_return_422(client: TestClient, params: dict[str, str]) -> None:
    assert client.get("/search/facets", params=params).status_code == 422


def test_search_for_text_says_how_far_it_searched(client: TestClient, images: Images, owner: str) -> None:
    for day, name in ((1, "a.jpg"), (2, "b.jpg"), (3, "b.jpg")):
        taken = load_capture_time(f"2019-07-0{day}")
        images.save(replace(picture(owner, dog=1), name=name, taken=taken))

    page = client.get("/search", params={"q": "name:b", "limit": 1}).json()
    last = client.get("/search", params={"q": "name:A"}).json()
    tagged = client.get("/search", params={"q": "dog", "limit": 1}).json()

    assert (len(page["images"]), page["searched_until"]) == (1, "2019-07-03")
    assert ([image["name"] for image in last["images"]], last["searched_until"], last["next"]) == (
        ["a.jpg"],
        None,
        None,
    )
    assert tagged["next"] is not None
    assert tagged["searched_until"] is None


def test_search_for_text_without_a_plausible_date_does_not_say_how_far(
    client: TestClient, images: Images, owner: str
) -> None:
    for _ in range(2):
        images.save(replace(picture(owner), taken=load_capture_time("!2106-02-07T06:28:15")))

    page = client.get("/search", params={"q": "name:beach", "limit": 1}).json()

    assert page["next"].startswith("!")
    assert page["searched_until"] is None


def test_bulk_operation_selects_by_text(client: TestClient, images: Images, owner: str) -> None:
    images.save(replace(picture(owner, dog=1), name="IMG_1.jpg"))
    images.save(replace(picture(owner, dog=1), name="other.jpg"))

    body = {"images": {"query": "name:img"}, "add": [{"tag": "trip"}]}
    assert client.post("/tags", json=body).json()["changed"] == 1
    assert names(client.get("/search", params={"q": "trip"})) == {"IMG_1.jpg"}


def test_search_by_picture_returns_its_copies_the_same_bytes_first(
    client: TestClient, images: Images, ingest: Ingest, owner: str
) -> None:
    jpeg, small, other, blank = (
        cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        for pixels, quality in (
            (paint_picture(1, 320, 240), 90),
            (paint_picture(1, 160, 120), 60),
            (paint_picture(2, 320, 240), 90),
            (np.zeros((8, 8, 3), np.uint8), 90),
        )
    )
    ids = {}
    for name, data in {"small": small, "jpeg": jpeg, "other": other, "blank": blank}.items():
        pending = ingest.receive(owner, Upload(data, "image/jpeg", name), max_bytes=100_000)
        ingest.ingest(owner, pending.id)
        ids[name] = pending.id

    def find(data: bytes) -> list[str]:
        return [image["name"] for image in search_by_picture(client, data).json()["copies"]]

    assert find(jpeg) == ["jpeg", "small"]
    assert find(small) == ["small", "jpeg"]
    assert find(blank) == ["blank"]
    client.delete(f"/images/{ids['jpeg']}")
    assert find(jpeg) == ["small"]
