import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from app.cli import client
from app.client import account
from app.client.connection import Connection
from app.client.index import UploadIndex, index_path
from app.client.login import Login, load_login, save_login
from tests.support.fake_server import KEY, URL


@pytest.fixture(autouse=True)
def signed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    save_login(Login(URL, KEY, "", "ada", ""))


def serve(monkeypatch: pytest.MonkeyPatch, bodies: dict[str, dict[str, Any]]) -> None:
    """Let the client connect to a server with these bodies by path."""
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=bodies[request.url.path]))
    monkeypatch.setattr(account, "Connection", lambda url, key, waits: Connection(url, key, waits, transport=transport))


def test_status_without_limit_or_address_names_pending_uploads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = {"images": 1_204, "bytes": 2_653_184_512, "free_bytes": None}
    serve(monkeypatch, {"/openapi.json": {"info": {"version": "1.0.0"}}, "/usage": usage})
    with UploadIndex(index_path(), URL, "ada") as index:
        index.begin("/a.jpg", "0" * 64, "image1")

    client.status()

    assert capsys.readouterr().out == (
        f"Server   {URL}, PixTag 1.0.0\n"
        "Account  of an API key\n"
        "Photos   1,204 (2.7 GB)\n"
        "Free     not limited\n"
        "Sent     0 files from this machine\n"
        "Pending  1 upload. Run `pixtag upload` again to continue.\n"
    )


def test_login_in_a_terminal_does_not_show_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    prompts: list[tuple[str, bool]] = []

    def prompt(text: str, *, hide_input: bool) -> str:
        prompts.append((text, hide_input))
        return KEY

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(typer, "prompt", prompt)
    serve(monkeypatch, {"/usage": {}})

    client.login(URL, key=True)

    assert prompts == [("API key", True)]
    assert load_login() == Login(URL, KEY, "", "a" * 22, "")


def test_logout_can_keep_the_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_login(Login(URL, KEY, "key1", "ada", "ada@example.com"))

    client.logout(keep=True)

    assert capsys.readouterr().out == f"Signed out of {URL}. The key is still valid.\n"
    assert not list((tmp_path / "config" / "pixtag").iterdir())


def test_client_loads_neither_the_server_nor_libraries_that_it_may_not_need() -> None:
    code = (
        "import sys; from app.cli import client, main\n"
        "try: main.app(['logout'])\n"
        "except Exception as error: print(error)\n"
        "heavy = {'app.wiring', 'app.settings', 'pydantic', 'boto3', 'fastapi', 'rich', 'watchfiles'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )

    result = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert (result.returncode, result.stderr) == (0, "")
