import csv
import re

from infra.local.scenes import scene
from tests.integration.conftest import Person
from tests.support.http_uploads import upload


def test_export_returns_own_images_page_by_page(person: Person) -> None:
    ada, grace = person(), person()
    signs = upload(ada, scene(stop_signs=2), "=signs.png").rpartition("/")[2]
    clock = upload(ada, scene(clocks=1), "clock.png").rpartition("/")[2]
    upload(grace, scene(stop_signs=1), "hers.png")
    ada.post("/tags", json={"add": [{"tag": "mine"}], "images": {"ids": [clock]}}).raise_for_status()

    first_page = ada.get("/export/csv", params={"limit": 1}).raise_for_status()
    link = re.match("<(.*?)>", first_page.headers["Link"])
    assert link
    second_page = ada.get(link[1]).raise_for_status()
    document = ada.get("/export/coco").raise_for_status().json()

    texts = [page.content.decode("utf-8-sig") for page in (first_page, second_page)]
    rows = [row for text in texts for row in csv.DictReader(text.splitlines())]
    assert [(row["id"], row["name"], row["tag"], row["count"], row["boxes"]) for row in rows] == [
        (clock, "clock.png", "clock", "1", "1"),
        (clock, "clock.png", "mine", "1", "0"),
        (signs, "'=signs.png", "stop sign", "2", "2"),
    ]
    assert [image["pixtag_id"] for image in document["images"]] == [clock, signs]
    assert document["images"][0]["tags"] == {"clock": 1, "mine": 1}
    assert [category["name"] for category in document["categories"]] == ["clock", "stop sign"]
    pairs = [(annotation["image_id"], annotation["category_id"]) for annotation in document["annotations"]]
    assert pairs == [(1, 1), (2, 2), (2, 2)]
    for annotation in document["annotations"]:
        left, top, width, height = annotation["bbox"]
        assert 0 <= left < left + width <= document["images"][0]["width"]
        assert 0 <= top < top + height <= document["images"][0]["height"]


def test_library_of_new_person_is_empty(person: Person) -> None:
    assert person().get("/images").json() == {"images": [], "next": None}
