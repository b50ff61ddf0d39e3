from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api import bulk
from app.domain.capture_times import parse_capture_time
from app.domain.ids import new_id
from app.domain.images import Image, make_tombstone, move_to_trash
from app.domain.ports import Images
from detector.metadata.values import Metadata, TimeSource
from tests.support.entity_tags import read_version
from tests.support.fakes import image as picture
from tests.support.stored_data import before_call

TAKEN = "2019-07-28T01:03:00+09:00"

Save = Callable[..., Image]


@pytest.fixture
def save(images: Images, owner: str) -> Save:
    """A function that saves an image with a date from EXIF, or without a date."""

    def save(taken: str | None = TAKEN, **counts: int) -> Image:
        time = parse_capture_time(taken, TimeSource.EXIF) if taken else None
        return images.save(
            replace(picture(owner, counts=counts or {"dog": 1}), taken=time, metadata=Metadata(taken=time))
        )

    return save


def change(client: TestClient, image: Image, taken_at: str | None, **headers: str) -> Any:
    return client.patch(f"/images/{image.id}", json={"taken_at": taken_at}, headers=headers)


def change_dates(client: TestClient, selection: dict[str, Any], **changes: Any) -> dict[str, Any]:
    headers = {"Idempotency-Key": changes.pop("key")} if "key" in changes else {}
    response = client.post("/images/date", json={"images": selection, **changes}, headers=headers)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def read_date(client: TestClient, image: Image) -> tuple[str, str]:
    response = client.get(f"/images/{image.id}").json()
    return response["taken_at"], response["taken_source"]


@pytest.mark.parametrize("taken_at", ["2020-02-29", "2020-02-29T12:00:00", "2020-02-29T12:00:00-03:30"])
def test_change_image_sets_the_date(client: TestClient, save: Save, taken_at: str) -> None:
    image = save()

    response = change(client, image, taken_at, **{"If-Match": f'"{image.version}"'})

    assert response.status_code == 200
    assert read_version(response.headers["ETag"]) == image.version + 1
    assert {key: response.json()[key] for key in ("taken_at", "taken_source", "taken_plausible")} == {
        "taken_at": taken_at,
        "taken_source": "person",
        "taken_plausible": True,
    }
    assert read_date(client, image) == (taken_at, "person")


def test_change_image_to_null_returns_to_the_date_of_the_file(client: TestClient, save: Save) -> None:
    image = save()
    change(client, image, "2020-02-29")

    assert change(client, image, None).json()["taken_at"] == TAKEN
    assert read_date(client, image) == (TAKEN, "exif")


def test_change_image_of_same_date_writes_nothing(client: TestClient, save: Save) -> None:
    image = save()

    versions = {read_version(change(client, image, "2020-02-29").headers["ETag"]) for _ in range(2)}

    assert versions == {image.version + 1}


def test_change_image_moves_it_in_the_list(client: TestClient, save: Save) -> None:
    first, second = save("2019-07-28T01:03:00"), save("2019-07-28T01:02:00")
    assert list_ids(client) == [first.id, second.id]

    change(client, second, "2019-07-28T01:04:00")

    assert list_ids(client) == [second.id, first.id]
    assert client.get("/timeline").json()["months"] == [{"month": "2019-07", "images": 2}]


@pytest.mark.parametrize(
    ("taken_at", "detail"),
    [
        ("yesterday", "'yesterday' is not a date. Write 2019-07-28,"),
        ("20190728", "'20190728' is not a date."),
        ("1825-12-31", "1825-12-31 is not between 1826 and tomorrow."),
        ("2" * 65, "at most 64 characters"),
    ],
)
def test_change_image_with_invalid_date_returns_422(client: TestClient, save: Save, taken_at: str, detail: str) -> None:
    image = save()

    response = change(client, image, taken_at)

    assert response.status_code == 422
    assert detail in response.json()["detail"]
    assert read_date(client, image) == (TAKEN, "exif")


def test_change_image_after_tomorrow_names_the_problem(client: TestClient, save: Save) -> None:
    response = change(client, save(), (datetime.now(UTC) + timedelta(days=3)).date().isoformat())

    assert (response.status_code, response.json()["type"]) == (422, "urn:pixtag:implausible-date")


def test_change_image_without_date_returns_422(client: TestClient, save: Save) -> None:
    assert client.patch(f"/images/{save().id}", json={}).status_code == 422


def test_change_image_that_is_unknown_outdated_or_trashed_returns_the_error(
    client: TestClient, images: Images, save: Save
) -> None:
    image = save()
    trashed = images.save(move_to_trash(image, datetime.now(UTC)), image)

    assert change(client, replace(image, id=new_id()), "2020-02-29").status_code == 404
    assert change(client, image, "2020-02-29", **{"If-Match": f'"{image.version}"'}).status_code == 412
    assert change(client, trashed, "2020-02-29").status_code == 409


def test_change_dates_sets_the_date_of_each_image(client: TestClient, save: Save) -> None:
    dated, undated = save(), save(None)
    unknown = new_id()

    response = change_dates(client, {"ids": [dated.id, unknown, undated.id]}, taken_at="2020-02-29")

    date = {"result": "changed", "detail": "", "after": "2020-02-29", "source": "person", "plausible": True}
    assert response == {
        "changed": 2,
        "outcomes": [
            {"image": dated.id, "before": TAKEN, **date},
            {
                "image": unknown,
                "result": "failed",
                "detail": "There is no such image in your library.",
                "before": None,
                "after": None,
                "source": None,
                "plausible": True,
            },
            {"image": undated.id, "before": None, **date},
        ],
        "next": None,
        "operation": response["operation"],
    }
    assert read_date(client, undated) == ("2020-02-29", "person")


def test_change_dates_to_null_returns_to_the_dates_of_the_files(client: TestClient, save: Save) -> None:
    changed, unchanged = save(), save()
    change(client, changed, "2020-02-29")

    response = change_dates(client, {"ids": [changed.id, unchanged.id]}, taken_at=None)

    assert [(each["result"], each["before"], each["after"], each["source"]) for each in response["outcomes"]] == [
        ("changed", "2020-02-29", TAKEN, "exif"),
        ("unchanged", TAKEN, TAKEN, "exif"),
    ]


def test_change_dates_to_null_says_that_the_date_of_the_file_is_implausible(client: TestClient, save: Save) -> None:
    changed = save("1789-07-14T10:00:00")
    change(client, changed, "2020-02-29")

    (outcome,) = change_dates(client, {"ids": [changed.id]}, taken_at=None)["outcomes"]

    assert (outcome["after"], outcome["plausible"]) == ("1789-07-14T10:00:00", False)


def test_change_dates_of_shift_fails_only_for_images_that_cannot_be_shifted(client: TestClient, save: Save) -> None:
    earliest, dated, undated, day = save("1826-01-01T00:30:00"), save(), save(None), save("2019-07-28")

    response = change_dates(client, {"ids": [each.id for each in (earliest, dated, undated, day)]}, shift="-1 h")

    assert response["changed"] == 1
    assert [(each["result"], each["detail"], each["before"], each["after"]) for each in response["outcomes"]] == [
        ("failed", "1825-12-31T23:30:00 is not between 1826 and tomorrow.", "1826-01-01T00:30:00", None),
        ("changed", "", TAKEN, "2019-07-28T00:03:00+09:00"),
        ("failed", "This photo has no date that can be shifted. Set its date instead.", None, None),
        ("failed", "This photo has a date without a time. Shift it by whole days only.", "2019-07-28", None),
    ]
    assert read_date(client, earliest) == ("1826-01-01T00:30:00", "exif")
    assert read_date(client, dated) == ("2019-07-28T00:03:00+09:00", "person")


def test_change_dates_with_dry_run_returns_the_dates_and_changes_nothing(client: TestClient, save: Save) -> None:
    dated, undated = save(), save(None)
    selection = {"ids": [dated.id, undated.id], "dry_run": True}

    response = change_dates(client, selection, shift="+1 d 2 h")

    assert response["changed"] == 1
    assert [(each["result"], each["before"], each["after"]) for each in response["outcomes"]] == [
        ("changed", TAKEN, "2019-07-29T03:03:00+09:00"),
        ("failed", None, None),
    ]
    assert change_dates(client, selection, taken_at=None)["changed"] == 0
    assert read_date(client, dated) == (TAKEN, "exif")


@pytest.mark.parametrize("dry_run", [{}, {"dry_run": True}])
def test_change_dates_reads_and_writes_many_images_together(
    client: TestClient, images: Images, save: Save, dry_run: dict[str, bool]
) -> None:
    def fail() -> None:
        raise AssertionError

    selection = {"ids": [save(f"2019-07-28T01:{minute:02}:00").id for minute in range(5)], **dry_run}

    with before_call(images, "save", fail), before_call(images, "get_image", fail):
        response = change_dates(client, selection, shift="+1 h")

    assert [(each["before"], each["after"]) for each in response["outcomes"]] == [
        (f"2019-07-28T01:{minute:02}:00", f"2019-07-28T02:{minute:02}:00") for minute in range(5)
    ]


@pytest.mark.parametrize("dry_run", [{}, {"dry_run": True}])
@pytest.mark.parametrize(("shift", "hour"), [("+1 h", 2), ("-100000 d", None)])
def test_change_dates_of_a_duplicate_has_the_dates_of_the_existing_image(
    client: TestClient, images: Images, save: Save, dry_run: dict[str, bool], shift: str, hour: int | None
) -> None:
    image = save("2019-07-28T01:03:00")
    duplicate = images.save(replace(make_tombstone(picture(image.owner)), duplicate_of=image.id))

    [outcome] = change_dates(client, {"ids": [duplicate.id], **dry_run}, shift=shift)["outcomes"]

    after = hour and f"2019-07-28T{hour:02}:03:00"
    assert (outcome["before"], outcome["after"]) == ("2019-07-28T01:03:00", after)


def test_change_dates_of_a_photo_and_its_duplicate_shifts_twice(client: TestClient, images: Images, save: Save) -> None:
    image = save("2019-07-28T01:03:00")
    duplicate = images.save(replace(make_tombstone(picture(image.owner)), duplicate_of=image.id))

    outcomes = change_dates(client, {"ids": [image.id, duplicate.id]}, shift="+1 h")["outcomes"]

    assert [(each["before"][11:13], each["after"][11:13]) for each in outcomes] == [("01", "02"), ("02", "03")]


@pytest.mark.usefixtures("small_quotas")
def test_change_dates_counts_an_edit_for_each_image_except_in_a_dry_run(client: TestClient, save: Save) -> None:
    selection = {"ids": [save().id for _ in range(3)]}

    for _ in range(2):  # the limit of edits
        assert change_dates(client, selection | {"dry_run": True}, shift="+1 h")["changed"] == 3
    assert client.post("/images/date", json={"images": selection, "shift": "+1 h"}).status_code == 429


@pytest.mark.parametrize("shift", ["+1 h", "-1 h"])
def test_change_dates_by_query_shifts_each_image_once(
    client: TestClient, save: Save, monkeypatch: pytest.MonkeyPatch, shift: str
) -> None:
    monkeypatch.setattr(bulk, "MAX_IMAGES", 2)
    images = [save(f"2019-07-28T01:{minute:02}:00") for minute in range(5)]
    outcomes, cursor = list[dict[str, Any]](), None
    for _ in range(3):
        response = change_dates(client, {"query": "dog", "cursor": cursor}, shift=shift)
        outcomes += response["outcomes"]
        cursor = response["next"]

    hour = {"+1 h": 2, "-1 h": 0}[shift]
    assert [cursor, *sorted(outcome["image"] for outcome in outcomes)] == [None, *(image.id for image in images)]
    assert [read_date(client, image)[0] for image in images] == [
        f"2019-07-28T{hour:02}:{minute:02}:00" for minute in range(5)
    ]


def test_change_dates_repeated_with_the_same_key_shifts_once(client: TestClient, save: Save) -> None:
    image = save()
    shift = {"shift": "+1 h", "key": "k"}

    responses = [change_dates(client, {"ids": [image.id]}, **shift) for _ in range(2)]

    assert [response["changed"] for response in responses] == [1, 1]
    assert [response["outcomes"][0]["after"] for response in responses] == ["2019-07-28T02:03:00+09:00"] * 2
    assert read_date(client, image)[0] == "2019-07-28T02:03:00+09:00"


def test_change_dates_with_another_request_of_the_same_key_fails(client: TestClient, save: Save) -> None:
    image = save()
    change_dates(client, {"ids": [image.id]}, shift="+1 h", key="k")

    (outcome,) = change_dates(client, {"ids": [image.id]}, shift="+2 h", key="k")["outcomes"]

    assert (outcome["result"], outcome["after"]) == ("failed", None)
    assert "already used for a different request" in outcome["detail"]


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({}, "Send exactly one of taken_at and shift."),
        ({"shift": None}, "Send exactly one of taken_at and shift."),
        ({"taken_at": None, "shift": "+1 h"}, "Send exactly one of taken_at and shift."),
        ({"shift": "1 hour"}, "'1 hour' is not a shift."),
        ({"taken_at": "yesterday"}, "'yesterday' is not a date."),
        ({"shift": "+" + "1" * 50}, "at most 50 characters"),
    ],
)
def test_change_dates_with_invalid_change_returns_422(
    client: TestClient, save: Save, changes: dict[str, Any], detail: str
) -> None:
    response = client.post("/images/date", json={"images": {"ids": [save().id]}, **changes})

    assert response.status_code == 422
    assert detail in response.json()["detail"]


def list_ids(client: TestClient) -> list[str]:
    return [image["id"] for image in client.get("/images").json()["images"]]
