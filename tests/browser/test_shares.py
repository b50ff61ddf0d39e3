"""Sharing photos, an album and a saved search by links, and revoking the links."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Locator, Route, expect

from infra.local.scenes import scene
from tests.browser.conftest import PASSWORD, PHONE, Visit, Visitor, all_sizes

SIGN, CLOCK = ("sign.png", scene(stop_signs=1)), ("clock.png", scene(clocks=1))


def call(visitor: Visitor, method: str, path: str, **options: Any) -> Any:
    """Call the API as the visitor."""
    token = visitor.accounts.sign_in(visitor.email, PASSWORD).access_token
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=visitor.instance.url, headers=headers, timeout=30, trust_env=False) as client:
        response = client.request(method, path, **options).raise_for_status()
    return response.json() if response.content else None


def dialog(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("dialog", name=name)


def create_link(visitor: Visitor, form: Locator) -> str:
    """Create the link of an open form. Return the link, and close the dialog."""
    form.get_by_role("button", name="Create link").click()
    created = dialog(visitor, "Link created")
    link = created.get_by_label("Link").input_value()
    created.get_by_role("button", name="Done").click()
    expect(created).to_have_count(0)
    return link


def line(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("list", name="Your shared links").get_by_role("listitem").filter(has_text=title)


def test_selected_photos_are_shared_and_the_link_is_revoked(ada: Visitor, visit: Visit) -> None:
    for photo, tags in ((SIGN, "stop sign 1"), (CLOCK, "clock 1")):
        ada.upload(photo)
        expect(ada.tile(f"{photo[0]}: {tags}")).to_be_visible()
    hidden = call(ada, "GET", "/images")["images"][1]["id"]
    call(ada, "POST", "/tags", json={"images": {"ids": [hidden]}, "add": [{"tag": "private", "count": 1}]})
    ada.page.reload()
    expect(ada.tile("sign.png: private 1")).to_be_visible()
    ada.page.keyboard.press("Control+a")
    ada.choose("Share")
    form = dialog(ada, "Share 2 photos")
    expect(form).to_contain_text("1 photo is private, so visitors won't see it.")
    form.get_by_label("Title").fill("Street")
    form.get_by_label("The link works").select_option("for 7 days")
    form.get_by_label("Password (optional)", exact=True).fill("three blue boats")
    form.get_by_label("Visitors can download the originals").check()

    form.get_by_role("button", name="Create link").click()
    created = dialog(ada, "Link created")
    link = created.get_by_label("Link").input_value()
    assert link.startswith(f"{ada.instance.url}/s/")
    expect(created.get_by_role("button", name="Copy link")).to_be_focused()
    ada.page.mouse.click(5, 5)  # beside the dialog
    created.get_by_role("button", name="Copy link").click()
    expect(ada.page.get_by_label("Messages")).to_contain_text("Link copied.")
    guest = visit(PHONE)
    guest.go(urlsplit(link).path)
    guest.page.get_by_label("Password").fill("three blue boats")
    guest.page.get_by_role("button").click()
    expect(guest.page.get_by_role("heading", name="Street")).to_be_visible()
    expect(guest.page.get_by_role("img")).to_have_count(1)
    guest.check("visitor-photos")
    guest.page.get_by_role("img").click()
    expect(guest.page.get_by_role("link", name="Download")).to_be_visible()
    guest.check("visitor-photo")
    created.get_by_role("link", name="Show shared links").click()

    (share,) = call(ada, "GET", "/shares")["shares"]
    assert (share["title"], share["images"], share["has_password"], share["originals"]) == ("Street", 2, True, True)
    end = datetime.fromisoformat(share["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=6) < end <= timedelta(days=7)
    street = line(ada, "Street")
    for text in ("2 photos", "Works until", "Password", "Originals", "1 view, the last on"):
        expect(street).to_contain_text(text)
    street.get_by_role("button", name="Revoke").click()
    dialog(ada, "Revoke the link?").get_by_role("button", name="Revoke link").click()
    expect(ada.page.get_by_role("heading", name="No shared links")).to_be_visible()
    assert call(ada, "GET", "/shares")["shares"] == []
    guest.expected = {404}
    guest.page.reload()
    expect(guest.page.get_by_role("heading", name="This link does not work")).to_be_visible()


@all_sizes
def test_photo_album_and_saved_search_are_shared_on_every_screen(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    visitor.upload(SIGN)
    expect(visitor.tile("sign.png: stop sign 1")).to_be_visible()
    album = call(visitor, "POST", "/albums", json={"title": "Summer"})["id"]
    query = {"query": "stop sign", "name": "Signs", "email": False}
    call(visitor, "POST", "/subscriptions", json=query)
    visitor.tile("sign.png").click()
    visitor.page.get_by_role("button", name="More", exact=True).click()
    visitor.page.get_by_role("menuitem", name="Share").click()
    form = dialog(visitor, "Share 1 photo")
    expect(form).to_contain_text("Photos tagged “private” are never included.")
    visitor.check("share-photo")
    form.get_by_role("button", name="Create link").click()
    expect(dialog(visitor, "Link created")).to_be_visible()
    visitor.check("share-created")

    visitor.go(f"/collections/{album}")
    visitor.page.get_by_role("button", name="Share album").click()
    expect(dialog(visitor, "Share album").get_by_label("Title")).to_have_value("Summer")
    create_link(visitor, dialog(visitor, "Share album"))
    visitor.go("/alerts")
    visitor.page.get_by_role("button", name="Share Signs").click()
    create_link(visitor, dialog(visitor, "Share saved search"))
    visitor.go("/account")
    visitor.page.get_by_role("link", name="Show shared links").click()

    expect(line(visitor, "Signs")).to_contain_text("Saved search")
    expect(line(visitor, "Summer").get_by_role("link", name="Summer")).to_have_attribute(
        "href", f"/collections/{album}"
    )
    expect(line(visitor, "Photos")).to_contain_text("1 photo")
    visitor.check("shared-links")


def test_share_when_it_fails_says_what_to_do(ada: Visitor) -> None:
    ada.expected = {404, 409}
    album = call(ada, "POST", "/albums", json={"title": "Summer"})["id"]
    ada.go(f"/collections/{album}")
    ada.page.get_by_role("button", name="Share album").click()
    form = dialog(ada, "Share album")
    call(ada, "DELETE", f"/albums/{album}")

    form.get_by_role("button", name="Create link").click()
    expect(form.get_by_role("alert")).to_contain_text("This album no longer exists.")
    problem = {"type": "urn:pixtag:too-many-shares", "detail": "You can have at most 100 shares. Delete one first."}

    def refuse(route: Route) -> None:
        route.fulfill(status=409, content_type="application/problem+json", body=json.dumps(problem))

    ada.page.route("**/shares", refuse)
    form.get_by_role("button", name="Create link").click()

    expect(form.get_by_role("alert")).to_contain_text("at most 100 shares. Delete one first. You find your links under")


def test_expired_link_is_marked(ada: Visitor) -> None:
    ada.page.clock.install()
    album = call(ada, "POST", "/albums", json={"title": "Summer"})["id"]
    end = datetime.now(UTC) + timedelta(minutes=5)
    call(ada, "POST", "/shares", json={"album": album, "expires_at": end.isoformat()})
    ada.page.clock.fast_forward(6 * 60 * 1000)

    ada.page.get_by_role("link", name="Shared", exact=True).click()

    expect(line(ada, "Summer")).to_contain_text("Expired on")
