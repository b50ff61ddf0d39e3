"""Defines the commands of `pixtag user`, which manage accounts without e-mails. PixTag may be running."""

import sys
from functools import partial
from typing import Annotated, Final

import typer

from app.cli.options import DataOption
from app.domain.errors import InvalidAccount

user_app: Final = typer.Typer(
    help="Manage the accounts on this machine. PixTag may be running.", no_args_is_help=True, rich_markup_mode=None
)

Address = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="The e-mail address of the account.", show_default=False)
]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of the standard input.")
]


@user_app.command("list")
def list_accounts(data: DataOption = None) -> None:
    """List all accounts, oldest first."""
    from app import wiring

    stores = wiring.local_stores()
    stores.folder.require_library()
    accounts = stores.account_admin.list_accounts()
    if not accounts:
        typer.echo("There are no accounts. Register in the web UI, or run `pixtag user add ADDRESS`.")
    width = max((len(account.email) for account in accounts), default=0)
    for account in accounts:
        state = "administrator" if account.is_admin else "" if account.is_confirmed else "not confirmed"
        typer.echo(f"{account.email:{width}}  {account.created_at:%Y-%m-%d}  {state:13}  {account.name}".rstrip())


@user_app.command()
def add(
    address: Address,
    given_name: Annotated[str, typer.Option(help="The default is the first part of the address.")] = "",
    family_name: str = "",
    owner: Annotated[str, typer.Option(help="The owner of photos without an account, from `pixtag rebuild`.")] = "",
    password_stdin: PasswordStdin = False,
    data: DataOption = None,
) -> None:
    """Add an account. Its address needs no confirmation."""
    from app import wiring

    stores = wiring.local_stores()
    stores.folder.prepare()
    password = _read_password(from_stdin=password_stdin)
    names = {"given_name": given_name or address.partition("@")[0], "family_name": family_name}
    stores.account_admin.add(address, password, **names, owner=owner)
    typer.echo(f"Added {address}. The account can sign in now.")


@user_app.command()
def invite(address: Address, data: DataOption = None) -> None:
    """Print a link with which an address can register within seven days, although registration is closed.

    This also works with a deployment on AWS, if the environment variables name its stores.
    """
    from app import wiring
    from app.domain.registration import Invitation

    url = wiring.settings().ui_url
    if local := wiring.find_local_settings():
        folder = wiring.local_stores().folder
        folder.prepare()
        url = local.url or folder.find_address() or url
    invitation = Invitation.make(address)
    wiring.invitations().add(invitation)
    typer.echo(f"Send this link to {invitation.email}. It works until {invitation.expires_at:%Y-%m-%d %H:%M} UTC:")
    typer.echo(invitation.link(url))


@user_app.command()
def reset(address: Address, password_stdin: PasswordStdin = False, data: DataOption = None) -> None:
    """Set a new password. This signs the person out everywhere and confirms the address."""
    from app import wiring

    stores = wiring.local_stores()
    stores.folder.require_library()
    stores.account_admin.find_owner(address)
    stores.account_admin.set_password(address, _read_password(from_stdin=password_stdin))
    typer.echo(f"Set a new password for {address}. All its sessions have ended.")


@user_app.command()
def delete(
    address: Address,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    data: DataOption = None,
) -> None:
    """Delete an account with all its photos, tags and subscriptions."""
    from app import wiring
    from app.services.account_deletion import delete_account

    stores = wiring.local_stores()
    stores.folder.require_library()
    owner = stores.account_admin.find_owner(address)
    if not yes and not typer.confirm(f"Delete the account {address} with all its photos permanently?"):
        typer.echo("Nothing was deleted.")
        raise typer.Exit(1)
    delete = partial(stores.account_admin.delete, owner)
    delete_account(owner, stores.outbox, stores.api_keys, stores.shares, stores.mail, delete)
    typer.echo(f"Deleted {address}. PixTag removes its photos while it is running.")


def _read_password(*, from_stdin: bool) -> str:
    """Return the password from the standard input, or ask for it twice without showing it.

    Raises:
        InvalidAccount: the command does not run in a terminal, or the input is not text.
    """
    if not from_stdin:
        if not sys.stdin.isatty():
            raise InvalidAccount("There is no terminal to ask for the password in. Use --password-stdin.")
        password: str = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
        return password
    try:
        return sys.stdin.buffer.readline().decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise InvalidAccount("The password is not text in UTF-8.") from error
