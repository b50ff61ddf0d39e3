"""The review: uncertain boxes are confirmed or removed, one photo at a time."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from app.adapters.local.images import SqliteImages
from detector.detections import BoundingBox, Detection
from infra.local.scenes import scene
from tests.browser.conftest import PHONE, Visit, Visitor, all_sizes, wait_until
from tests.browser.test_lightbox import call

STREET = ("street.png", scene(stop_signs=2, clocks=1))
WEAK = 0.2


def weaken(visitor: Visitor, image_id: str, *labels: str) -> None:
    """Give an image an uncertain box for each label. Without labels, its own boxes get uncertain."""
    table = SqliteImages(visitor.accounts.database)
    before = table.get_image(visitor.accounts.admin.find_owner(visitor.email), image_id)
    weak = [
        Detection(label, WEAK, BoundingBox(40.0 * number, 20.0, 40.0 * number + 30, 90.0))
        for number, label in enumerate(labels)
    ] or [replace(each, confidence=WEAK) for each in before.detections]
    table.save(replace(before, detections=tuple(weak)), before)


@pytest.fixture
def reviewer(ada: Visitor) -> Visitor:
    """Ada with three photos: two.jpg with two uncertain boxes, one.jpg with one, and sure.jpg with none."""
    _, one, two = ada.fill("sure.jpg", "one.jpg", "two.jpg", cat=1)
    weaken(ada, one.id, "dog")
    weaken(ada, two.id, "dog", "apple")
    ada.go("/check")
    return ada


def question(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("region", name="Question")


def counts(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("list", name="Counts").get_by_role("listitem")


def photo(visitor: Visitor) -> Locator:
    return visitor.page.locator("h2.review-name")


def tags(visitor: Visitor) -> Any:
    """Return the tags and the certain counts of all photos from the API."""
    images = call(visitor, "GET", "/images")["images"]
    return {image["name"]: ({tag["tag"]: tag["count"] for tag in image["tags"]}, image["certain"]) for image in images}


@all_sizes
def test_review_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    visitor.upload(STREET)
    expect(visitor.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    visitor.page.get_by_label("Uploads").get_by_role("button", name="Close").first.click()
    weaken(visitor, call(visitor, "GET", "/images")["images"][0]["id"])
    link = visitor.page.get_by_role("navigation", name="Main").get_by_role("link", name="Review")

    link.click()
    expect(question(visitor)).to_contain_text("Is this a stop sign?")
    expect(visitor.page.locator(".box.lit")).to_have_count(1)
    visitor.check("review")
    visitor.page.get_by_role("button", name="Draw a missing box").click()
    visitor.page.get_by_role("button", name="Place in the middle").click()
    visitor.check("review-drawing")
    visitor.page.get_by_role("button", name="Cancel").click()
    if size == PHONE:
        visitor.page.get_by_role("button", name="Yes").tap()
    else:
        visitor.page.get_by_role("button", name="Yes").click()
    expect(visitor.page.get_by_text("1 decision on 1 photo.")).to_be_visible()
    visitor.page.get_by_role("button", name="All 2 are right").click()

    expect(visitor.page.get_by_role("heading", name="All photos are reviewed")).to_be_visible()
    visitor.check("review-done")


def test_review_by_keyboard_starts_with_the_largest_doubt(reviewer: Visitor) -> None:
    press = reviewer.page.keyboard.press
    expect(photo(reviewer)).to_have_text("two.jpg")
    expect(question(reviewer)).to_contain_text("Is this a dog?")
    expect(reviewer.page.get_by_text("Photo 1 of 2.")).to_be_visible()

    press("y")
    expect(question(reviewer)).to_contain_text("Is this an apple?")
    press("n")
    expect(photo(reviewer)).to_have_text("one.jpg")
    expect(question(reviewer)).to_contain_text("Is this a dog?")
    press("y")

    expect(reviewer.page.get_by_role("heading", name="All photos are reviewed")).to_be_visible()
    expect(reviewer.page.get_by_text("3 decisions on 2 photos.")).to_be_visible()
    reviewed = {
        "two.jpg": ({"dog": 1}, {"dog": 1}),
        "one.jpg": ({"dog": 1}, {"dog": 1}),
        "sure.jpg": ({"cat": 1}, {"cat": 1}),
    }
    wait_until(reviewer.page, lambda: tags(reviewer) == reviewed, f"the tags are {reviewed}")  # decisions show at once
    reviewer.page.reload()
    expect(reviewer.page.get_by_text("PixTag is sure about all boxes")).to_be_visible()


def test_decisions_are_undone_one_by_one(reviewer: Visitor) -> None:
    press = reviewer.page.keyboard.press
    expect(question(reviewer)).to_contain_text("dog")
    before = tags(reviewer)
    press("n")
    expect(question(reviewer)).to_contain_text("apple")
    press("y")
    expect(photo(reviewer)).to_have_text("one.jpg")

    press("z")
    expect(photo(reviewer)).to_have_text("two.jpg")
    expect(question(reviewer)).to_contain_text("apple")
    reviewer.page.get_by_role("button", name="Undo").click()
    expect(question(reviewer)).to_contain_text("dog")
    expect(counts(reviewer)).to_have_count(2)
    press("z")  # nothing is left to undo

    expect(reviewer.page.get_by_role("button", name="Undo")).to_have_attribute("aria-disabled", "true")
    wait_until(reviewer.page, lambda: tags(reviewer) == before, f"the tags are {before} again")


def test_arrows_go_to_other_boxes_and_photos(reviewer: Visitor) -> None:
    press = reviewer.page.keyboard.press
    expect(question(reviewer)).to_contain_text("dog")

    press("ArrowDown")
    expect(question(reviewer)).to_contain_text("apple")
    press("ArrowDown")
    expect(question(reviewer)).to_contain_text("apple")
    press("ArrowUp")
    expect(question(reviewer)).to_contain_text("dog")
    press("ArrowRight")
    expect(photo(reviewer)).to_have_text("one.jpg")
    press("ArrowRight")
    expect(reviewer.page.get_by_text("You skipped 2 photos. They stay in the review.")).to_be_visible()
    press("ArrowLeft")

    expect(photo(reviewer)).to_have_text("one.jpg")
    press("ArrowLeft")
    expect(reviewer.page.get_by_role("button", name="Previous photo")).to_have_count(0)


def test_plus_and_minus_set_the_count_and_can_be_undone(reviewer: Visitor) -> None:
    expect(question(reviewer)).to_contain_text("dog")
    newest = call(reviewer, "GET", "/images")["images"][0]["id"]
    before = call(reviewer, "GET", f"/images/{newest}")["tags"]

    reviewer.page.keyboard.press("+")
    expect(counts(reviewer).filter(has_text="dog")).to_contain_text("2certain")
    reviewer.page.get_by_role("button", name="Increase count of dog").click()
    expect(counts(reviewer).filter(has_text="dog")).to_contain_text("3certain")
    expect(question(reviewer)).to_contain_text("apple")
    reviewer.page.keyboard.press("z")
    expect(counts(reviewer).filter(has_text="dog")).to_contain_text("2certain")
    reviewer.page.keyboard.press("z")
    expect(question(reviewer)).to_contain_text("dog")
    expect(counts(reviewer).filter(has_text="dog")).to_contain_text("dog 1")
    wait_until(
        reviewer.page,
        lambda: call(reviewer, "GET", f"/images/{newest}")["tags"] == before,
        "no count is set by a person",
    )
    reviewer.page.keyboard.press("ArrowDown")
    expect(question(reviewer)).to_contain_text("apple")
    reviewer.page.keyboard.press("-")

    expect(counts(reviewer).filter(has_text="apple")).to_have_count(0)


def test_all_boxes_of_a_photo_are_confirmed_with_one_request(reviewer: Visitor) -> None:
    expect(question(reviewer)).to_contain_text("dog")

    with reviewer.page.expect_request(lambda request: request.url.endswith("/review")) as request:
        reviewer.page.keyboard.press("a")

    assert len((request.value.post_data_json or {})["confirm"]) == 2
    expect(photo(reviewer)).to_have_text("one.jpg")
    both = {"dog": 1, "apple": 1}
    wait_until(reviewer.page, lambda: tags(reviewer)["two.jpg"] == (both, both), "both boxes are confirmed")


def test_rejected_decision_is_asked_again(reviewer: Visitor) -> None:
    reviewer.expected |= {412}
    expect(question(reviewer)).to_contain_text("dog")
    newest = call(reviewer, "GET", "/images")["images"][0]["id"]
    call(reviewer, "POST", "/tags", json={"add": [{"tag": "beach"}], "images": {"ids": [newest]}})

    reviewer.page.keyboard.press("y")

    expect(reviewer.page.get_by_label("Messages")).to_contain_text("changed in another tab or app")
    expect(question(reviewer)).to_contain_text("dog")
    expect(reviewer.page.get_by_role("button", name="Undo")).to_have_attribute("aria-disabled", "true")
