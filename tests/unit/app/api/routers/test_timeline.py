from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.domain.capture_times import load_capture_time
from app.domain.ids import created_at
from app.domain.images import Image
from app.domain.ports import Images
from app.services import timeline
from tests.support.fakes import image as picture


@pytest.fixture
def save(images: Images, owner: str) -> Any:
    """A function that saves an image with a stored capture time."""

    def save(taken: str | None, **counts: int) -> Image:
        return images.save(replace(picture(owner, counts=counts), taken=load_capture_time(taken)))

    return save


def read(client: TestClient, **params: str) -> dict[str, Any]:
    response = client.get("/timeline", params=params)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_timeline_of_empty_library_is_empty(client: TestClient) -> None:
    assert read(client) == {"months": [], "implausible": 0, "exact": True}


def test_timeline_counts_months_newest_first(client: TestClient, save: Any) -> None:
    for taken in ("2019-07-28T01:03:00", "2018-12-31", "2019-07-01 file", "!2106-02-07T06:28:15"):
        save(taken, dog=1)
    undated = save(None)
    month = created_at(undated.id).isoformat()[:7]

    assert read(client) == {
        "months": [
            {"month": month, "images": 1},
            {"month": "2019-07", "images": 2},
            {"month": "2018-12", "images": 1},
        ],
        "implausible": 1,
        "exact": True,
    }


@pytest.mark.parametrize(
    ("query", "months"),
    [
        ("dog", ["2019-09", "2019-07"]),
        (" Dog ", ["2019-09", "2019-07"]),
        ("dog>=2", ["2019-07"]),
        ("dog, !cat", ["2019-07"]),
        ("dog|cat", ["2019-09", "2019-08", "2019-07"]),
        ("taken:2019-08", ["2019-08"]),
        ("unicorn", []),
    ],
)
def test_timeline_of_query_counts_the_matches(client: TestClient, save: Any, query: str, months: list[str]) -> None:
    save("2019-07-28T01:03:00", dog=2)
    save("2019-08-01T00:00:00", cat=1)
    save("2019-09-01T00:00:00", dog=1, cat=1)

    response = read(client, q=query)

    assert response == {"months": [{"month": each, "images": 1} for each in months], "implausible": 0, "exact": True}


def test_timeline_of_more_matches_than_are_read_is_not_exact(
    client: TestClient, save: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "MAX_MATCHES", 2)
    for day in (1, 2, 3):
        save(f"2019-0{day}-01", dog=2)

    assert read(client, q="dog>=2") == {
        "months": [{"month": "2019-03", "images": 1}, {"month": "2019-02", "images": 1}],
        "implausible": 0,
        "exact": False,
    }
    assert len(read(client, q="dog")["months"]) == 3


def test_timeline_with_invalid_query_returns_the_position(client: TestClient) -> None:
    response = client.get("/timeline", params={"q": "taken:2019-13"})

    assert (response.status_code, response.json()["position"]) == (422, 11)


def test_timeline_of_certain_objects_counts_only_photos_with_them(
    client: TestClient, images: Images, owner: str
) -> None:
    sure, unsure = (replace(picture(owner, dog=1), taken=load_capture_time("2019-07-28")) for _ in range(2))
    detections = tuple(replace(each, confidence=0.2) for each in unsure.detections)
    images.save(sure)
    images.save(replace(unsure, detections=detections))

    assert read(client, q="dog!") == {"months": [{"month": "2019-07", "images": 1}], "implausible": 0, "exact": True}
    assert read(client, q="dog")["months"] == [{"month": "2019-07", "images": 2}]
