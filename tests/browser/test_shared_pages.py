"""The pages of a share, for a visitor without an account."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image as Picture
from playwright.sync_api import expect

from app.adapters.local.albums import SqliteAlbums
from app.adapters.local.files import OBJECTS
from app.adapters.local.quotas import SqliteQuotas
from app.adapters.local.shares import SqliteShares
from app.adapters.local.subscriptions import SqliteSubscriptions
from app.domain.ids import DERIVED
from app.domain.images import Image
from app.domain.passwords import Passwords
from app.domain.shares import ShareKind
from app.services.shares import NewShare, Sharing
from infra.local.pixtag import PixTag
from tests.browser.conftest import Visit, Visitor, all_sizes, wait_until

PASSWORD = "three blue boats"
SIZES = ((1500, 1000), (1000, 1500), (1200, 1200), (2400, 800), (1600, 1000))


def add_photos(ada: Visitor, number: int) -> list[Image]:
    """Add photos with previews and thumbnails."""
    assert isinstance(ada.instance, PixTag)
    images = ada.fill(*(f"beach-{each}.jpg" for each in range(number)), dog=1)
    with ada.accounts.database.write() as connection:
        for each, (width, height) in zip(images, SIZES * number, strict=False):
            connection.execute("UPDATE image SET width = ?, height = ? WHERE id = ?", (width, height, each.id))
    for seed, (each, (width, height)) in enumerate(zip(images, SIZES * number, strict=False)):
        data = paint(seed, width, height)
        for rendition in DERIVED:
            path = ada.instance.data / OBJECTS / rendition.key(each.owner, each.id)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return images


def paint(seed: int, width: int, height: int) -> bytes:
    """Return a picture with soft colours."""
    small = np.random.default_rng(seed).integers(60, 230, (3, 4, 3), dtype=np.uint8)
    out = io.BytesIO()
    Picture.fromarray(small).resize((width // 2, height // 2), Picture.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def share(ada: Visitor) -> Callable[..., str]:
    """Return a function that shares photos of Ada. It returns the path of the link."""
    database = ada.accounts.database
    stores = SqliteShares(database), SqliteAlbums(database), SqliteSubscriptions(database), SqliteQuotas(database)
    sharing = Sharing(*stores, Passwords)

    def create(**members: object) -> str:
        owner = ada.accounts.admin.find_owner(ada.email)
        new = NewShare(ShareKind.IMAGES, **members)  # type: ignore[arg-type]
        return f"/s/{sharing.create(owner, new)[1]}"

    return create


@all_sizes
def test_visitor_sees_shared_photos(
    ada: Visitor, visit: Visit, share: Callable[..., str], size: tuple[int, int]
) -> None:
    images = add_photos(ada, 14)
    path = share(image_ids=[each.id for each in images], title="Summer at the sea", password=PASSWORD, originals=True)
    visitor = visit(size)
    visitor.expected = {403, 404}

    visitor.go(path)
    expect(visitor.page.get_by_label("Password")).to_be_focused()
    visitor.page.get_by_label("Password").fill("three red boats")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("alert")).to_have_text("This password is wrong. Try again.")
    visitor.check("share-password")
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Show photos").click()
    expect(visitor.page.get_by_role("heading")).to_have_text("Summer at the sea")
    visitor.page.get_by_role("link", name="Photo 14", exact=True).scroll_into_view_if_needed()
    wait_for_pictures(visitor)
    visitor.page.evaluate("scrollTo(0, 0)")
    visitor.check("share")

    visitor.page.get_by_role("link", name="Photo 2", exact=True).click()
    expect(visitor.page.get_by_role("img", name="Photo 2", exact=True)).to_be_visible()
    wait_for_pictures(visitor)
    visitor.check("share-photo")
    visitor.tab_to(visitor.page.get_by_role("link", name="Next photo"))
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("img", name="Photo 3", exact=True)).to_be_visible()
    visitor.page.get_by_role("link", name="All photos").click()
    expect(visitor.page.get_by_role("link", name="Photo 14", exact=True)).to_be_visible()

    visitor.go(path[:-1])
    expect(visitor.page.get_by_role("heading")).to_have_text("This link does not work")
    visitor.check("share-missing")


def wait_for_pictures(visitor: Visitor) -> None:
    script = "[...document.images].every((image) => image.complete && image.naturalWidth > 0)"
    wait_until(visitor.page, lambda: visitor.page.evaluate(script), "all pictures are loaded")
