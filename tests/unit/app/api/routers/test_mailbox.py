import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.aws.stores import AwsStores
from app.adapters.local.database import Database
from app.adapters.local.mail import SqliteMail
from app.adapters.local.objects import FileObjects
from app.adapters.local.stores import LocalStores
from app.api.dependencies import provide
from app.api.routers.mailbox import FORWARDING_HEADERS
from app.main import app
from app.settings import LocalSettings
from tests.support.tokens import SETTINGS

ADDRESS = "zenobia@example.com"
BASE_URL = "http://127.0.0.1:8000"
PATHS = ["/mailbox", "/mailbox.json"]
CLIENT = ("127.0.0.1", 50000)
STATIC = Path(__file__).parents[5] / "static"


@pytest.fixture
def mail(tmp_path: Path) -> SqliteMail:
    mail = SqliteMail(Database(tmp_path / "pixtag.db"))
    mail.send(ADDRESS, "Your PixTag code", "246813 is your PixTag code.")
    mail.send("yorick@example.com", "<script>alert(1)</script>", 'See https://pixtag.example/photos/1 "&"')
    return mail


@pytest.fixture(autouse=True)
def use_local_objects(tmp_path: Path) -> None:
    app.dependency_overrides[provide(wiring.objects)] = lambda: FileObjects(tmp_path, Database(tmp_path / "pixtag.db"))


@pytest.fixture
def browser(mail: SqliteMail) -> Iterator[TestClient]:
    app.dependency_overrides[provide(wiring.mailbox)] = lambda: mail
    yield TestClient(app, BASE_URL, client=CLIENT)
    app.dependency_overrides.clear()


def test_page_shows_all_e_mails_and_escapes_their_text(browser: TestClient) -> None:
    page = browser.get("/mailbox").text

    assert "246813 is your PixTag code." in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert '<a href="https://pixtag.example/photos/1">https://pixtag.example/photos/1</a> &quot;&amp;&quot;' in page
    assert page.index("yorick@") < page.index(ADDRESS)


def test_page_policy_allows_only_its_own_style_and_script(browser: TestClient) -> None:
    response = browser.get("/mailbox")

    (style,) = re.findall("<style>(.*?)</style>", response.text, re.DOTALL)
    (script,) = re.findall("<script>(.*?)</script>", response.text, re.DOTALL)
    assert response.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert response.headers["Cache-Control"] == "no-store"
    assert "color-scheme: light dark" in style


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_page_follows_the_theme_of_the_web_ui(browser: TestClient) -> None:
    (script,) = re.findall("<script>(.*?)</script>", browser.get("/mailbox").text, re.DOTALL)

    assert script in (STATIC / "public" / "assets" / "theme-v1.js").read_text()


def test_json_contains_the_e_mails_to_an_address(browser: TestClient) -> None:
    response = browser.get("/mailbox.json", params={"to": f" {ADDRESS.upper()} "})

    (mail,) = response.json()
    assert mail == {
        "to": ADDRESS,
        "subject": "Your PixTag code",
        "body": "246813 is your PixTag code.",
        "sent_at": mail["sent_at"],
    }
    assert response.headers["Content-Type"] == "application/json"


def test_page_without_e_mails_names_the_address(browser: TestClient) -> None:
    page = browser.get("/mailbox", params={"to": '"><b>nobody'}).text

    assert "<strong>&quot;&gt;&lt;b&gt;nobody</strong>" in page
    assert ADDRESS not in page


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("base_url", [BASE_URL, "http://localhost", "http://[::1]:8000"])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_mailbox_is_shown_to_clients_on_this_machine(mail: SqliteMail, path: str, base_url: str, host: str) -> None:
    app.dependency_overrides[provide(wiring.mailbox)] = lambda: mail

    assert TestClient(app, base_url, client=(host, 1)).get(path).status_code == 200

    app.dependency_overrides.clear()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("base_url", "client"),
    [
        (BASE_URL, ("192.0.2.1", 1)),
        (BASE_URL, ("testclient", 1)),
        ("http://photos.example.com", CLIENT),
        ("http://127.0.0.1.evil.example", CLIENT),
        ("http://192.168.0.2:8000", CLIENT),
    ],
)
def test_mailbox_from_another_machine_or_host_returns_404(
    browser: TestClient, path: str, base_url: str, client: tuple[str, int]
) -> None:
    response = TestClient(app, base_url, client=client).get(path)

    assert (response.status_code, response.json()["type"]) == (404, "urn:pixtag:no-such-path")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", [*FORWARDING_HEADERS, "x-forwarded-for"])
def test_mailbox_through_a_proxy_returns_404(browser: TestClient, path: str, header: str) -> None:
    assert browser.get(path, headers={header: "127.0.0.1"}).status_code == 404


def test_mailbox_without_client_address_returns_404(browser: TestClient) -> None:
    assert TestClient(app, BASE_URL, client=None).get("/mailbox").status_code == 404  # type: ignore[arg-type]


@pytest.mark.parametrize("path", PATHS)
def test_mailbox_without_stored_e_mails_returns_404(browser: TestClient, path: str) -> None:
    app.dependency_overrides[provide(wiring.mailbox)] = lambda: None

    assert browser.get(path).status_code == 404


@pytest.mark.parametrize(
    ("settings", "is_shown"),
    [
        ({}, True),
        ({"url": "http://127.0.0.1:9000"}, True),
        ({"url": "https://localhost"}, True),
        ({"url": "https://photos.example.com"}, False),
        ({"smtp_url": "smtps://me%40example.org:secret@mail.example.org"}, False),
    ],
)
def test_stores_have_a_mailbox_only_without_server_and_public_address(
    tmp_path: Path,
    settings: dict[str, Any],
    is_shown: bool,  # noqa: FBT001 - a case
) -> None:
    stores = LocalStores(replace(LocalSettings(data=tmp_path), **settings))

    assert (stores.mailbox is stores.mail) == is_shown


def test_stores_on_aws_have_no_mailbox() -> None:
    assert AwsStores(SETTINGS).mailbox is None


def test_openapi_document_does_not_contain_the_mailbox() -> None:
    assert "mailbox.json" not in json.dumps(app.openapi())
