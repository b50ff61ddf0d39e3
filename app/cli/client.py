"""Defines the commands of `pixtag` for people: they use a server with a key, and import nothing of the server."""

import sys
from typing import Annotated

import typer

from app.client.errors import ClientError

DEFAULT_URL = "http://127.0.0.1:8000"


def login(
    url: Annotated[str, typer.Argument(metavar="[URL]", help="The address of the server.")] = DEFAULT_URL,
    *,
    key: Annotated[
        bool, typer.Option("--key", help="Use an API key that you have, from a prompt or the standard input.")
    ] = False,
) -> None:
    """Sign this machine in to your account. It gets an API key with its name, which only you can read."""
    from app.client.account import create_login, is_unencrypted, normalize_url, use_key
    from app.client.login import find_login, login_path, save_login

    url = normalize_url(url)
    if is_unencrypted(url):
        print("This address has no encryption (https). Others in the network can read what you send.", file=sys.stderr)
    if key:
        new = use_key(url, _read_line("API key", "an API key", is_secret=True))
        save_login(new)
    else:
        email = _read_line("E-mail", "an e-mail address", is_secret=False)
        new = create_login(url, email, _read_line("Password", "a password", is_secret=True), save_login, find_login())
    print(f"Signed in to {url}{f' as {new.email}' if new.email else ''}. The key is in {login_path()}.")


def logout(
    *,
    keep: Annotated[
        bool, typer.Option("--keep", help="Only remove the key from this machine. It stays valid.")
    ] = False,
) -> None:
    """Revoke the API key of this machine, and remove it. This needs your password."""
    from app.client.account import revoke_key
    from app.client.login import load_login, remove_login

    login = load_login()
    is_revoked = bool(login.key_id) and not keep
    if is_revoked:
        revoke_key(login, _read_line(f"Password of {login.email}", "a password", is_secret=True))
    remove_login()
    print(f"Signed out of {login.url}.{'' if is_revoked else ' The key is still valid.'}")


def status() -> None:
    """Show the account, the server, and what this machine has sent."""
    from app.client.account import connect
    from app.client.index import UploadIndex, index_path
    from app.client.login import load_login
    from app.client.quantities import count, format_size

    login = load_login()
    with connect(login) as connection, UploadIndex(index_path(), login.url, login.account) as index:
        version = connection.get_json("/openapi.json")["info"]["version"]
        usage = connection.get_json("/usage")
        free = usage["free_bytes"]
        print(f"Server   {login.url}, PixTag {version}")
        print(f"Account  {login.email or 'of an API key'}")
        print(f"Photos   {usage['images']:,} ({format_size(usage['bytes'])})")
        print(f"Free     {'not limited' if free is None else format_size(free)}")
        print(f"Sent     {count(index.count_sent(), 'file')} from this machine")
        if pending := index.count_pending():
            print(f"Pending  {count(pending, 'upload')}. Run `pixtag upload` again to continue.")


def upload(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Photos, and folders with photos.")],
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Then wait for new photos, until Ctrl-C.")] = False,
    tag: Annotated[list[str] | None, typer.Option(help="Add this tag to the photos. You can repeat it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list the photos. Send nothing.")] = False,
    jobs: Annotated[int, typer.Option(min=1, max=16, help="How many photos are sent at the same time.")] = 4,
    again: Annotated[
        bool, typer.Option("--again", help="Ask the server about every photo, also if it was sent before.")
    ] = False,
) -> None:
    """Send photos to your account. Files that were sent before are not read again.

    You can interrupt the command and run it again. Its status is 1 if something was not sent.
    """
    from app.cli.uploads import UploadOptions, UploadRun

    options = UploadOptions(tag or (), jobs, watch=watch, dry_run=dry_run, again=again)
    sys.exit(UploadRun(paths, options).run())


def _read_line(prompt: str, description: str, *, is_secret: bool) -> str:
    """Return the answer to a prompt, which does not show a secret, or the next line of the standard input.

    Raises:
        ClientError: there is none.
    """
    if sys.stdin.isatty():
        text: str = typer.prompt(prompt, hide_input=is_secret)
    else:
        text = sys.stdin.readline()
    if text := text.strip("\r\n"):
        return text
    raise ClientError(f"The standard input has no line with {description}.")


COMMANDS = (login, logout, status, upload)
