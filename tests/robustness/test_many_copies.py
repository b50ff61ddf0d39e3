"""10,000 copies of one photo: requests do bounded work and give right answers. `make test` adds fewer copies."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import cv2
import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.domain.images import Image, move_to_trash
from app.main import app
from app.services.similar_images import MAX_COPIES
from tests.robustness import torture
from tests.support.fakes import FakeDetector
from tests.support.fakes import image as make
from tests.support.lines import LineCounter
from tests.support.pictures import paint_picture
from tests.support.sampling import rounds
from tests.support.wired_app import WiredApp, lift_rate_limits, wire_app

MANY: Final = rounds(1_000, 10_000)
FEW: Final = 300  # more than three pages of rows
MAX_RATIO: Final = 1.2
PICTURE: Final = cv2.imencode(".png", paint_picture(1, 64, 48))[1].tobytes()


@pytest.fixture(scope="module")
def pixtag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredApp]:
    with wire_app("local", tmp_path_factory.mktemp("data"), FakeDetector({})) as pixtag:
        lift_rate_limits()
        yield pixtag


class Person:
    """A person whose library contains copies of one photo. The client counts the lines of each request."""

    def __init__(self, pixtag: WiredApp) -> None:
        claims = pixtag.add_person("ada@example.com")
        self.owner: str = claims["sub"]
        self.copies: list[Image] = []
        self._hash = wiring.ingest().detect_picture(PICTURE, max_bytes=10**6).picture_hash
        self._counter = LineCounter(app)
        headers = {"Authorization": f"Bearer {pixtag.signer.sign(claims)}"}
        self._client = TestClient(self._counter, pixtag.url, headers=headers)

    def add_copies(self, total: int) -> None:
        """Add copies until there are so many, without files."""
        with wiring.stores().backups.write_together():
            for number in range(len(self.copies), total):
                new = replace(make(self.owner), picture_hash=self._hash, width=100 + number)
                self.copies.append(wiring.images().save(new))

    def delete_all_but(self, kept: Image) -> None:
        """Move all other copies to the trash."""
        with wiring.stores().backups.write_together():
            for each in self.copies:
                if each != kept:
                    wiring.images().save(move_to_trash(each, datetime.now(UTC)), each)

    def send(self, method: str, path: str, **options: Any) -> tuple[dict[str, Any], int]:
        """Return the content of the response and the number of lines."""
        response = self._client.request(method, path, **options)
        assert response.status_code == 200, response.text
        return response.json(), self._counter.lines

    def measure(self) -> dict[str, int]:
        """Return the lines of each request about copies. The first round creates links, which are then kept."""
        return [self._measure_once() for _ in range(2)][-1]

    def _measure_once(self) -> dict[str, int]:
        [group] = self.send("GET", "/duplicates")[0]["groups"]
        middle = self.copies[len(self.copies) // 2].id
        return {
            "groups": self.send("GET", "/duplicates")[1],
            "first page": self.send("GET", f"/duplicates/{group['id']}")[1],
            "page": self.send("GET", f"/duplicates/{group['id']}", params={"cursor": middle})[1],
            "picture": self.send("POST", "/search/image", files={"file": ("a.png", PICTURE, "image/png")})[1],
            "next groups": self.send("GET", "/duplicates", params={"cursor": group["id"]})[1],
        }

    def list_group(self, group: str) -> Iterator[str]:
        """Yield the ids of all images in a group."""
        cursor: str | None = ""
        while cursor is not None:
            page, _ = self.send(
                "GET", f"/duplicates/{group}", params={"limit": 100} | ({"cursor": cursor} if cursor else {})
            )
            yield from (image["id"] for image in page["images"])
            cursor = page["next"]


@pytest.mark.timeout(0)
def test_requests_about_many_copies_of_one_photo_do_bounded_work(pixtag: WiredApp) -> None:
    person = Person(pixtag)
    person.add_copies(FEW)
    few = person.measure()
    person.add_copies(MANY)
    torture.cases.append(MANY)

    many = person.measure()

    assert {name: lines for name, lines in many.items() if lines > MAX_RATIO * few[name]} == {}
    page, _ = person.send("GET", "/duplicates")
    ids = [each.id for each in reversed(person.copies)]
    [group] = page["groups"]
    assert (len(group["images"]), group["more"], page["next"]) == (12, True, None)
    assert list(person.list_group(group["id"])) == ids
    found, _ = person.send("POST", "/search/image", files={"file": ("a.png", PICTURE, "image/png")})
    assert len({image["id"] for image in found["copies"]} & {*ids}) == MAX_COPIES

    person.delete_all_but(person.copies[0])

    assert person.send("GET", "/duplicates")[0] == {"groups": [], "next": None}
    assert list(person.list_group(group["id"])) == [person.copies[0].id]
    found, _ = person.send("POST", "/search/image", files={"file": ("a.png", PICTURE, "image/png")})
    assert [image["id"] for image in found["copies"]] == [person.copies[0].id]
