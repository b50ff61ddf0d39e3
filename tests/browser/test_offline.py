"""The service worker: the page and the latest photos without a network, and photos that other apps share."""

from base64 import b64encode

import pytest
from playwright.sync_api import expect

from infra.local.scenes import scene
from tests.browser.conftest import PHONE, Visit, Visitor, wait_until

SIGN = scene(stop_signs=1)
READY = "navigator.serviceWorker.ready.then(() => {})"
KEPT = "caches.keys().then((names) => names.sort())"
LIBRARY, SHELL = "pixtag-library", "pixtag-shell"
KEEP_LIST = f"caches.open('{LIBRARY}').then((cache) => cache.put('/offline/list', Response.json([])))"
IS_LIST_KEPT = "caches.match('/offline/list').then((list) => list !== undefined)"
# In place of the operating system, which sends the same form.
SHARE = """(bytes) => {
    const shared = new DataTransfer();
    shared.items.add(new File([Uint8Array.fromBase64(bytes)], "sign.png", { type: "image/png" }));
    const input = Object.assign(document.createElement("input"), { type: "file", name: "photos", files: shared.files });
    const form = document.createElement("form");
    Object.assign(form, { action: "/share-target", method: "post", enctype: "multipart/form-data" });
    form.append(input);
    document.body.append(form);
    form.submit();
}"""


@pytest.fixture
def ada(visit: Visit) -> Visitor:
    """A signed-in visitor whose service worker is ready."""
    visitor = visit(PHONE, service_workers="allow")
    visitor.start()
    visitor.page.evaluate(READY)
    return visitor


def share(visitor: Visitor) -> None:
    with visitor.page.expect_navigation():
        visitor.page.evaluate(SHARE, b64encode(SIGN).decode())


def test_library_opens_offline_with_latest_photos_until_sign_out(ada: Visitor) -> None:
    ada.upload(("sign.png", SIGN))
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    wait_until(ada.page, lambda: ada.page.evaluate(IS_LIST_KEPT), "the list of photos is kept")

    with ada.offline():
        ada.go("/account")
        expect(ada.page.get_by_role("heading", name="You're offline")).to_be_visible()
        expect(ada.page.get_by_role("img", name="sign.png")).to_be_visible()
        ada.check("offline")
    ada.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(ada.page.get_by_role("button", name="Sign in")).to_be_visible()

    wait_until(ada.page, lambda: ada.page.evaluate(KEPT) == [SHELL], "only the shell is kept")


def test_shared_photo_is_uploaded(ada: Visitor) -> None:
    share(ada)

    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    assert ada.page.evaluate("location.search") == ""
    ada.go("/?shared=failed")
    expect(ada.page.get_by_text("The shared photos didn't arrive.")).to_be_visible()


def test_shared_photo_waits_for_sign_in_when_the_session_has_ended(ada: Visitor) -> None:
    ada.expected = {401}
    ada.page.evaluate(KEEP_LIST)
    ada.page.context.clear_cookies()

    share(ada)
    expect(ada.page.get_by_role("button", name="Sign in")).to_be_visible()
    wait_until(ada.page, lambda: LIBRARY not in ada.page.evaluate(KEPT), "the photos are forgotten")
    ada.sign_in()

    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
