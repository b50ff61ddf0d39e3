import getpass
import io
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from app import wiring
from app.adapters.local.stores import LocalStores
from app.cli import main as cli
from app.domain.mail import EmailState
from app.settings import LocalSettings
from tests.support.local_accounts import EMAIL, NEW_PASSWORD, NOBODY, PASSWORD
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from app.domain.registration import Invitation

ADDRESS = EMAIL.lower()
Run = Callable[..., tuple[int, str]]


class Input(io.TextIOWrapper):
    """A standard input whose methods a test can replace."""


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalStores:
    """The stores in an empty folder, which the commands use too."""
    stores = LocalStores(LocalSettings(data=tmp_path / "library"))
    monkeypatch.setattr(wiring, "local_stores", lambda: stores)
    return stores


@pytest.fixture
def run(stores: LocalStores, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command with this standard input. It returns the status and the output."""

    def run(*arguments: str, text: str = PASSWORD, data: bytes | None = None) -> tuple[int, str]:
        stdin = Input(io.BytesIO(f"{text}\n".encode() if data is None else data))
        monkeypatch.setattr(sys, "argv", ["pixtag", "user", *arguments])
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(SystemExit) as ending:
            cli.main()
        output = capsys.readouterr()
        if isinstance(ending.value.code, str):
            return 1, ending.value.code
        return ending.value.code or 0, output.out + output.err

    return run


@pytest.fixture
def zenobia(run: Run, stores: LocalStores) -> LocalStores:
    """The stores with an account."""
    assert run("add", EMAIL, "--password-stdin", "--given-name", "Zenobia", "--family-name", "Quill")[0] == 0
    return stores


def test_list_shows_all_accounts(run: Run, zenobia: LocalStores) -> None:
    zenobia.accounts.register("yo@example.com", PASSWORD, given_name="Yorick", family_name="Vane")
    run("add", "xi@example.com", "--password-stdin")

    status, output = run("list")

    lines = [re.sub(r"\d{4}-\d\d-\d\d", "DATE", line) for line in output.splitlines()]
    assert status == 0
    assert sorted(lines) == [
        "xi@example.com             DATE                 xi",
        "yo@example.com             DATE  not confirmed  Yorick Vane",
        "zenobia.quill@example.com  DATE  administrator  Zenobia Quill",
    ]


def test_invite_prints_a_link_that_works_for_seven_days(
    run: Run, stores: LocalStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "stores", lambda: stores)
    monkeypatch.setattr(wiring, "settings", lambda: LocalSettings(url="https://photos.example.com"))

    status, output = run("invite", "Yo+x@Example.com")

    first, link = output.splitlines()
    token = link.removeprefix("https://photos.example.com/register#invitation=").removesuffix(
        "&email=yo%2Bx@example.com"
    )
    assert (status, len(token)) == (0, 43)
    assert re.fullmatch(r"Send this link to yo\+x@example\.com\. It works until 20.* UTC:", first)
    assert stores.invitations.contains("yo+x@example.com", token)


def test_invite_prints_the_address_of_the_running_instance(
    run: Run, stores: LocalStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "stores", lambda: stores)
    stores.folder.prepare()

    with stores.folder.lock("http://127.0.0.1:8123"):
        _, running = run("invite", EMAIL)
    _, stopped = run("invite", EMAIL)

    links = [output.splitlines()[1].partition("/register")[0] for output in (running, stopped)]
    assert links == ["http://127.0.0.1:8123", "http://127.0.0.1:8000"]


@pytest.mark.parametrize("address", ["example.com", "<z@example.com>"])
def test_invite_of_an_invalid_address_fails(
    run: Run, stores: LocalStores, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(wiring, "stores", lambda: stores)

    assert run("invite", address) == (1, "This is not an e-mail address. Use the form ada@example.com.")


def test_invite_on_aws_needs_no_folder(run: Run, stores: LocalStores, monkeypatch: pytest.MonkeyPatch) -> None:
    invitations: list[Invitation] = []
    monkeypatch.setattr(wiring, "settings", lambda: SETTINGS)
    monkeypatch.setattr(wiring, "invitations", lambda: SimpleNamespace(add=invitations.append))

    status, output = run("invite", NOBODY)

    assert (status, output.splitlines()[1]) == (0, invitations[0].link("https://pixtag.example"))
    assert not stores.folder.path.exists()


def test_add_with_an_owner_gives_the_account_its_photos(run: Run, stores: LocalStores) -> None:
    owner = str(uuid4())

    assert run("add", EMAIL, "--password-stdin", "--owner", owner)[0] == 0

    assert stores.account_admin.find_owner(EMAIL) == owner


def test_add_with_the_owner_of_another_account_fails(run: Run, zenobia: LocalStores) -> None:
    owner = zenobia.account_admin.find_owner(EMAIL)

    status, output = run("add", "xi@example.com", "--password-stdin", "--owner", owner)

    assert (status, output.partition(".")[0]) == (1, "This address or this owner already has an account")
    assert len(zenobia.account_admin.list_accounts()) == 1


@pytest.mark.parametrize("owner", ["ada", "../ada", "0F8FAD5B-D9CB-469F-A165-70867728950E"])
def test_add_with_text_that_is_not_an_owner_fails(run: Run, stores: LocalStores, owner: str) -> None:
    message = "This is not the id of an owner. `pixtag rebuild` prints the owners without an account."

    assert run("add", EMAIL, "--password-stdin", "--owner", owner) == (1, message)


def test_list_without_accounts_says_how_to_add_one(run: Run, zenobia: LocalStores) -> None:
    run("delete", EMAIL, "--yes")

    assert run("list") == (
        0,
        "There are no accounts. Register in the web UI, or run `pixtag user add ADDRESS`.\n",
    )


def test_add_creates_the_folder_and_an_account_that_can_sign_in(run: Run, stores: LocalStores) -> None:
    assert run("add", EMAIL, "--password-stdin") == (0, f"Added {EMAIL}. The account can sign in now.\n")

    account = stores.accounts.get_account(stores.accounts.sign_in(EMAIL, PASSWORD).access_token)
    assert (account.email, account.given_name, account.family_name) == (ADDRESS, "Zenobia.Quill", "")
    assert stores.settings.data.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"", b"\nnot the password\n"])
def test_password_is_the_first_line_of_the_standard_input(run: Run, stores: LocalStores, ending: bytes) -> None:
    run("add", EMAIL, "--password-stdin", data="pässwörd with ☂".encode() + ending)

    assert stores.accounts.sign_in(EMAIL, "pässwörd with ☂").expires_in == 3600


def test_reset_sets_a_password_and_ends_the_sessions(run: Run, zenobia: LocalStores) -> None:
    tokens = zenobia.accounts.sign_in(EMAIL, PASSWORD)

    result = run("reset", EMAIL, "--password-stdin", text=NEW_PASSWORD)

    assert result == (0, f"Set a new password for {EMAIL}. All its sessions have ended.\n")
    assert zenobia.accounts.sign_in(EMAIL, NEW_PASSWORD).expires_in == 3600
    assert run("list")[0] == 0
    with pytest.raises(Exception, match="your session has ended"):
        zenobia.accounts.refresh(tokens.refresh_token)


def test_password_is_asked_for_twice_in_a_terminal(
    run: Run, zenobia: LocalStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([NEW_PASSWORD, "a different one", NEW_PASSWORD, NEW_PASSWORD])
    monkeypatch.setattr(getpass, "getpass", lambda _: next(answers))
    monkeypatch.setattr(Input, "isatty", lambda _: True)

    status, output = run("reset", EMAIL)

    assert status == 0
    assert output.count("New password") == 2
    assert NEW_PASSWORD not in output
    assert zenobia.accounts.sign_in(EMAIL, NEW_PASSWORD).expires_in == 3600


@pytest.mark.parametrize("arguments", [("delete", EMAIL, "--yes"), ("delete", EMAIL)])
def test_delete_removes_the_account_and_leaves_its_library_to_the_worker(
    run: Run, zenobia: LocalStores, arguments: tuple[str, ...]
) -> None:
    owner = zenobia.account_admin.find_owner(EMAIL)
    zenobia.mail.subscribe(owner, ADDRESS)

    status, output = run(*arguments, text="y")

    assert status == 0
    assert output.endswith(f"Deleted {EMAIL}. PixTag removes its photos while it is running.\n")
    assert zenobia.account_admin.list_accounts() == []
    assert zenobia.outbox.has_account_deletion(owner)
    assert zenobia.mail.state(owner) is EmailState.NONE


def test_delete_without_confirmation_deletes_nothing(run: Run, zenobia: LocalStores) -> None:
    owner = zenobia.account_admin.find_owner(EMAIL)

    status, output = run("delete", EMAIL, text="n")

    assert status == 1
    assert "with all its photos permanently? [y/N]" in output
    assert output.endswith("Nothing was deleted.\n")
    assert not zenobia.outbox.has_account_deletion(owner)
    assert zenobia.accounts.sign_in(EMAIL, PASSWORD).expires_in == 3600


@pytest.mark.parametrize(
    ("arguments", "text", "message"),
    [
        (("add", "no address", "--password-stdin"), PASSWORD, "This is not an e-mail address."),
        (("add", EMAIL, "--password-stdin"), PASSWORD, "This address already has an account."),
        (("add", NOBODY, "--password-stdin"), "short", "A password has at least 12 characters"),
        (("add", NOBODY), PASSWORD, "There is no terminal to ask for the password in. Use --password-stdin."),
        (("reset", NOBODY, "--password-stdin"), PASSWORD, "There is no account with this address."),
        (("reset", EMAIL, "--password-stdin"), "", "A password has at least 12 characters"),
        (("delete", NOBODY, "--yes"), "", "There is no account with this address."),
    ],
)
def test_failed_command_prints_a_sentence_and_changes_nothing(
    run: Run, zenobia: LocalStores, arguments: tuple[str, ...], text: str, message: str
) -> None:
    status, output = run(*arguments, text=text)

    assert status == 1
    assert output.startswith(message)
    assert "Traceback" not in output
    assert [account.email for account in zenobia.account_admin.list_accounts()] == [ADDRESS]


def test_password_that_is_not_text_is_rejected(run: Run, zenobia: LocalStores) -> None:
    status, output = run("reset", EMAIL, "--password-stdin", data=b"\xff" * 12)

    assert (status, output) == (1, "The password is not text in UTF-8.")


@pytest.mark.parametrize("arguments", [("list",), ("reset", EMAIL, "--password-stdin"), ("delete", EMAIL, "--yes")])
def test_command_in_a_folder_without_library_creates_nothing(
    run: Run, stores: LocalStores, arguments: tuple[str, ...]
) -> None:
    status, output = run(*arguments)

    assert status == 1
    assert output.startswith(f"{stores.settings.data} contains no PixTag library.")
    assert not stores.settings.data.exists()


def test_data_option_sets_the_data_folder(run: Run, zenobia: LocalStores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXTAG_DATA", "elsewhere")

    assert run("list", "--data", "a folder")[0] == 0

    assert os.environ["PIXTAG_DATA"] == "a folder"
