"""Downloads of photos as zip files, read back with Python."""

import io
import json
from base64 import b64decode
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import Locator, Route, expect

from infra.local.scenes import scene
from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.test_albums import make_album

SIGN, CLOCK = scene(stop_signs=1), scene(clocks=1)
ORIGINALS = "**/objects/originals/**"
GONE = "The file couldn't be read (404)."
INCOMPLETE = "PixTag doesn't have the whole file."
# In place of the browser's dialog: a folder that the test can read.
CHOOSE_FOLDER = "globalThis.showDirectoryPicker = () => navigator.storage.getDirectory();"
READ_FOLDER = """async () => {
    const files = {};
    for await (const [name, handle] of (await navigator.storage.getDirectory()).entries()) {
        if (handle.kind === "file") {
            files[name] = new Uint8Array(await (await handle.getFile()).arrayBuffer()).toBase64();
        }
    }
    return JSON.stringify(files);
}"""


def dialog(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("dialog", name="Download photos")


def press(visitor: Visitor, name: str) -> None:
    dialog(visitor).get_by_role("button", name=name).click()


def select_all(visitor: Visitor) -> None:
    visitor.page.keyboard.press("Control+a")
    visitor.page.get_by_role("toolbar", name="Selection").get_by_role("button", name="Download").click()


def hold(_: Route) -> None:
    """Leave a request without a response."""


def read_zip(data: bytes | Path) -> dict[str, bytes]:
    """Return the files in a zip file. Their checksums are verified."""
    with ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_stopped_download_is_made_again_with_originals_sidecars_and_missing_photos(ada: Visitor) -> None:
    for photo, tags in ((SIGN, "stop sign 1"), (CLOCK, "clock 1")):
        ada.upload(("föto.png", photo))
        expect(ada.tile(f"föto.png: {tags}")).to_be_visible()
    ada.fill("empty.jpg", "lost.jpg")
    ada.page.route(ORIGINALS, hold)
    expect(ada.tile("lost.jpg")).to_be_visible()
    select_all(ada)
    expect(dialog(ada)).to_contain_text("4 photos")
    ada.check("download-plan")

    with ada.page.expect_request(ORIGINALS):
        press(ada, "Download")
    press(ada, "Stop")
    expect(dialog(ada)).to_contain_text("Stopped.")
    ada.check("download-stopped")
    ada.page.unroute(ORIGINALS)
    with ada.page.expect_download() as download:
        press(ada, "Try again")

    expect(dialog(ada)).to_contain_text("Downloaded 2 photos.")
    expect(dialog(ada)).to_contain_text(f"lost.jpg: {GONE}")
    ada.check("download-complete")
    files = read_zip(download.value.path())
    assert download.value.suggested_filename.endswith(".zip")
    assert files["föto.png"] == CLOCK
    assert files["föto (2).png"] == SIGN
    assert b"<rdf:li>stop sign</rdf:li>" in files["föto (2).png.xmp"]
    assert set(files["missing-photos.txt"].decode().splitlines()) == {f"lost.jpg: {GONE}", f"empty.jpg: {INCOMPLETE}"}


def test_large_download_of_all_originals_has_several_files_in_a_folder(visit: Visit) -> None:
    ada = visit(PHONE)
    ada.start()
    ada.page.add_init_script(CHOOSE_FOLDER)
    ada.fill("a.jpg", "b.jpg", "c.jpg")
    with ada.accounts.database.write() as connection:
        connection.execute("UPDATE image SET size = 450000000 WHERE name IN ('a.jpg', 'b.jpg', 'c.jpg')")
    ada.go("/account")

    ada.page.get_by_role("button", name="Download all originals").click()
    expect(dialog(ada)).to_contain_text("3 photos, 1.4 GB, in 2 zip files.")
    press(ada, "Choose folder")

    expect(dialog(ada)).to_contain_text("Downloaded 0 photos.")
    ada.check("download-parts")
    parts = json.loads(ada.page.evaluate(READ_FOLDER))
    lists = [read_zip(b64decode(parts[name]))["missing-photos.txt"].decode().splitlines() for name in sorted(parts)]
    assert lists == [[f"c.jpg: {GONE}", f"b.jpg: {GONE}"], [f"a.jpg: {INCOMPLETE}"]]


def test_album_and_search_have_a_download(ada: Visitor) -> None:
    ada.fill("a.jpg", "b.jpg", dog=1)
    make_album(ada, "Dogs", "a.jpg")
    ada.page.get_by_role("button", name="Download album").click()
    expect(dialog(ada)).to_contain_text("1 photo,")

    ada.go("/?q=dog")
    ada.page.get_by_role("button", name="Download results").click()

    expect(dialog(ada)).to_contain_text("2 photos,")
