"""The web UI in German. Its words are longer than the English ones."""

import pytest
from playwright.sync_api import FilePayload, expect

from infra.local.scenes import scene
from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, Visit
from tests.support.sampling import TORTURE

SCREENS = ("find", "labels", "check", "copies", "collections", "alerts", "trash", "account")


def test_german_browser_gets_german_pages_until_the_person_chooses(visit: Visit) -> None:
    visitor = visit(locale="de-AT")
    visitor.expected = {401, 404}
    visitor.go("/nothing")
    expect(visitor.page.get_by_role("heading", name="Seite nicht gefunden")).to_be_visible()
    visitor.page.get_by_role("link", name="Zur Bibliothek").click()
    visitor.page.get_by_label("E-Mail-Adresse").fill("nobody@example.com")
    visitor.page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    visitor.page.get_by_role("button", name="Anmelden").click()
    expect(visitor.page.get_by_text("Die E-Mail-Adresse oder das Passwort ist falsch.")).to_be_visible()
    visitor.start()
    visitor.go("/account")

    visitor.page.get_by_role("radio", name="English").click()

    expect(visitor.page.get_by_role("heading", name="Account", level=1)).to_be_visible()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
    visitor.go("/trash")
    expect(visitor.page.get_by_role("heading", name="The trash is empty")).to_be_visible()
    visitor.go("/account")
    visitor.page.get_by_role("radio", name="Same as the browser").click()
    expect(visitor.page.get_by_role("heading", name="Konto", level=1)).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESKTOP] if TORTURE else [PHONE])
def test_screens_in_german_are_accessible_and_fit(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size, locale="de-DE")
    page = visitor.page
    for path in ("sign-in", "register", "forgot"):
        visitor.go(f"/{path}")
        visitor.page.get_by_role("heading", level=1).wait_for()
        visitor.check(f"de-{path}")
    visitor.start()
    expect(visitor.page.get_by_role("heading", name="Deine Bibliothek ist leer")).to_be_visible()
    visitor.check("de-empty")
    photos: list[FilePayload] = [
        {"name": "street.png", "mimeType": "image/png", "buffer": scene(stop_signs=2, clocks=1)},
        {"name": "notes.png", "mimeType": "image/png", "buffer": b"These are notes."},
    ]
    page.get_by_label("Fotos zum Hochladen").set_input_files(photos)
    expect(page.get_by_text("1 Foto hinzugefügt, 1 fehlgeschlagen")).to_be_visible()
    expect(page.get_by_text("Das ist kein Foto im Format JPEG").first).to_be_attached()
    page.get_by_label("Hochladen").get_by_role("button", name="Schließen").click()
    visitor.check("de-library")
    for path in SCREENS:
        visitor.go(f"/{path}")
        page.get_by_role("heading", level=1).first.wait_for()
        visitor.check(f"de-{path}")
    visitor.expected = {422}
    visitor.go("/?q=%22dog")
    expect(page.get_by_text("Schreibe das Anführungszeichen auch hinter das Schlagwort")).to_be_visible()
    visitor.check("de-fault")
    visitor.go("/?q=stop+sign")
    page.get_by_role("button", name="Suche speichern").click()
    close = page.get_by_label("Meldungen").get_by_role("button", name="Schließen")
    expect(close).to_be_in_viewport(ratio=1)  # the message has a long action
    close.click()
    visitor.tile("street.png: stop sign 2, clock 1").click()
    expect(page.get_by_role("button", name="In den Papierkorb")).to_be_visible()
    page.get_by_role("button", name="Details anzeigen").click()
    visitor.check("de-photo")
