import errno
import os
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.client import account
from app.client.account import create_login, is_unencrypted, normalize_url, use_key
from app.client.connection import Connection, Waits
from app.client.errors import ClientError, NotSignedIn
from app.client.login import Login, find_login, load_login, login_path, remove_login, save_login
from tests.support.fake_server import KEY

LOGIN = Login("https://photos.example.com", "pixtag_secret", "key1", "account1", "ada@example.com")


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "pixtag"


def test_login_is_stored_for_its_user_only(config: Path) -> None:
    umask = os.umask(0)
    try:
        save_login(LOGIN)
    finally:
        os.umask(umask)

    path = config / "login.json"
    assert login_path() == path
    assert [path.stat().st_mode & 0o777, config.stat().st_mode & 0o777] == [0o600, 0o700]
    assert load_login() == find_login() == LOGIN


def test_login_replaces_an_older_one_that_others_can_read(config: Path) -> None:
    config.mkdir()
    for name in ("login.json", "login.tmp"):
        (config / name).write_text("{}")
        (config / name).chmod(0o644)

    save_login(LOGIN)

    assert login_path().stat().st_mode & 0o777 == 0o600
    assert [file.name for file in config.iterdir()] == ["login.json"]


def test_missing_login_names_the_command() -> None:
    remove_login()

    with pytest.raises(NotSignedIn, match=r"Run `pixtag login`"):
        load_login()
    assert find_login() is None


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"url": 1}', "\udcff"])
def test_damaged_login_is_named(config: Path, text: str) -> None:
    config.mkdir()
    (config / "login.json").write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(ClientError, match=r"login.json is damaged. Run `pixtag login`"):
        load_login()
    assert find_login() is None


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("photos.example.com", "https://photos.example.com"),
        (" https://photos.example.com/ ", "https://photos.example.com"),
        ("http://nas.local:8000/pixtag/", "http://nas.local:8000/pixtag"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("127.1.2.3", "http://127.1.2.3"),
        ("localhost.example.com", "https://localhost.example.com"),
        ("127.0.0.1.example.com:8000", "https://127.0.0.1.example.com:8000"),
    ],
)
def test_address_gets_a_scheme(text: str, url: str) -> None:
    assert normalize_url(text) == url


@pytest.mark.parametrize(
    "text", ["", "https://", "ftp://a.example.com", "http://a:99999", "http://a:0", "http://a/?b", "http://[a", "[a"]
)
def test_text_that_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ClientError, match=r"is not the address of a server"):
        normalize_url(text)


def test_only_other_machines_need_encryption() -> None:
    safe = ["https://a.example.com", "http://127.0.0.1:8000", "http://LOCALHOST", "http://[::1]/"]
    unsafe = ["http://nas.local", "http://localhost.example.com", "http://localhost@nas.local", "http://192.168.0.2"]

    assert [is_unencrypted(url) for url in [*safe, *unsafe]] == [False] * 4 + [True] * 4


@pytest.mark.parametrize("text", ["", "secret", "pixtag_short", "pixtag_" + "ä" * 40, "pixtag_" + "a" * 30 + "\n"])
def test_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ClientError, match=r"This is not an API key. A key begins with pixtag_"):
        use_key("https://photos.example.com", text)


class FakeAccount:
    """A server with an account. `events` are the requests that change keys, and what a test adds."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.is_down = False

    def connect(self, url: str, key: str = "", waits: Waits | None = None) -> Connection:
        return Connection(url, key, waits, transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        line = f"{request.method} {request.url.path}"
        if "/keys" in line:
            self.events.append(line)
        if line == "POST /auth/token":
            return httpx.Response(200, json={"access_token": "a", "refresh_token": "r"})
        if self.is_down and request.method == "DELETE":
            return httpx.Response(507)
        return httpx.Response(200, json={"id": "key2", "key": KEY})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeAccount:
    server = FakeAccount()
    monkeypatch.setattr(account, "Connection", server.connect)
    return server


@pytest.mark.parametrize(
    ("old", "revoked"),
    [
        (LOGIN, ["DELETE /keys/key1"]),
        (None, []),
        (replace(LOGIN, url="https://b.example.com"), []),
        (replace(LOGIN, key_id=""), []),
    ],
)
def test_new_key_is_saved_before_the_old_one_is_revoked(
    server: FakeAccount, old: Login | None, revoked: list[str]
) -> None:
    saved: list[Login] = []

    def save(login: Login) -> None:
        saved.append(login)
        server.events.append("saved")

    login = create_login(LOGIN.url, "ada@example.com", "secret", save, old)

    assert saved == [login] == [Login(LOGIN.url, KEY, "key2", "a" * 22, "ada@example.com")]
    assert server.events == ["POST /keys", "saved", *revoked]


@pytest.mark.parametrize("is_down", [False, True])
def test_key_that_cannot_be_saved_is_revoked_and_the_old_one_stays(server: FakeAccount, *, is_down: bool) -> None:
    def refuse(_: Login) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    server.is_down = is_down
    with pytest.raises(OSError, match="No space left"):
        create_login(LOGIN.url, "ada@example.com", "secret", refuse, LOGIN)

    assert server.events == ["POST /keys", "DELETE /keys/key2"]
