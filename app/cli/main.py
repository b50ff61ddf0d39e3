"""Defines the commands of `pixtag`. A command imports what it needs, so that `pixtag --help` is fast."""

import logging
import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer
from typer.core import TyperGroup
from typing_extensions import override

from app import __version__
from app.cli import client, library
from app.cli.import_commands import import_app
from app.cli.options import INTERRUPTED, DataOption, describe_command
from app.cli.ports import DEFAULT_PORT
from app.cli.users import user_app
from app.client.errors import ClientError, Stopped
from app.domain.errors import OperationUnsupported, PixTagError, StartFailed


class Commands(TyperGroup):
    """The commands of `pixtag`."""

    @override
    def invoke(self, ctx: Any) -> Any:
        """Run a command. Handle Ctrl-C and the end of the input at a prompt as elsewhere."""
        try:
            return super().invoke(ctx)
        except typer.Abort:
            print(file=sys.stderr)  # the prompt is on this line
            raise Stopped from None


app: Final = typer.Typer(
    cls=Commands,
    name="pixtag",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (*client.COMMANDS, *library.COMMANDS):
    app.command()(command)
app.add_typer(import_app, name="import")
app.add_typer(user_app, name="user")


def _print_version(is_given: bool) -> None:  # noqa: FBT001 - typer calls it so
    if is_given:
        print(f"pixtag {__version__}")
        raise typer.Exit


@app.callback()
def start(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A private photo library that tags itself."""


class Aws(StrEnum):
    """What takes the place of this machine's stores."""

    EMULATOR = "emulator"


def main() -> None:
    """Run a command. Print an expected error as one sentence."""
    cast("logging.Handler", logging.lastResort).addFilter(is_not_raised)  # it prints warnings and errors of commands
    try:
        app()
    except Stopped as error:
        print(error, file=sys.stderr)
        sys.exit(INTERRUPTED)
    except (ClientError, PixTagError, StartFailed) as error:
        sys.exit(str(error))
    except server_errors() as error:
        sys.exit(str(error))
    except store_failures() as error:
        from app.wiring import describe_store_failure

        described = describe_store_failure(error)
        sys.exit(str(described if isinstance(described, OperationUnsupported) else f"A call to AWS failed: {error}"))
    except OSError as error:
        if not error.filename:  # not a file
            raise
        sys.exit(
            f"PixTag cannot use {error.filename}: {error.strerror}. Check the disk and the permissions of the file."
        )


def is_not_raised(record: logging.LogRecord) -> bool:
    """Return whether a log record is not about an error that is raised too. A command prints such an error."""
    return not getattr(record, "is_raised", False)


def server_errors() -> tuple[type[Exception], ...]:
    """Return the errors of commands of the server. The tuple is empty if no command has loaded their modules."""
    names = {"app.domain.backups": "BackupError", "app.settings": "InvalidSettings"}
    return tuple(getattr(sys.modules[module], name) for module, name in names.items() if module in sys.modules)


def store_failures() -> tuple[type[Exception], ...]:
    """Return the exceptions of AWS. The tuple is empty if no command has loaded its libraries."""
    if "app.wiring" not in sys.modules:
        return ()
    from app.wiring import STORE_FAILURES

    return STORE_FAILURES


@app.command()
def run(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port on 127.0.0.1. 0 chooses a free one.")
    ] = DEFAULT_PORT,
    data: DataOption = None,
    *,
    aws: Annotated[
        Aws | None, typer.Option(help="Develop on emulated AWS, which keeps nothing. It needs a checkout.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log each request and each photo.")] = False,
) -> None:
    """Run PixTag on this machine until Ctrl-C."""
    if aws:
        from app.cli.emulator import run_emulator

        run_emulator(port, data, is_verbose=verbose)
    else:
        from app.cli.server import serve

        serve(port, is_verbose=verbose)
        os._exit(0)  # a stop takes a second at most, but the interpreter would wait for threads


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    options_metavar="[OPTIONS] PHOTO...",
)
def detect(context: typer.Context) -> None:
    """Print the tags of photos that are not in a library. Add --help to list the options."""
    from detector.__main__ import detect

    # Exit without a traceback if a reader such as `head` closes the pipe early.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(detect(context.args, program="pixtag detect"))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write. It must not exist.")],
    data: DataOption = None,
    *,
    encrypt: Annotated[bool, typer.Option("--encrypt", help="Ask for a passphrase, and encrypt the file.")] = False,
    passphrase_stdin: Annotated[
        bool,
        typer.Option(
            "--passphrase-stdin", help="Encrypt the file with the passphrase in the first line of the standard input."
        ),
    ] = False,
) -> None:
    """Write all accounts, photos and tags to a file. PixTag may be running.

    With the settings of AWS in the environment, the command reads a deployment on AWS.
    """
    from app.cli.backups import write_backup

    is_complete = write_backup(file, encrypt=encrypt, passphrase_stdin=passphrase_stdin)
    sys.exit(0 if is_complete else 1)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `pixtag backup` has written.")],
    data: DataOption = None,
    *,
    passphrase_stdin: Annotated[
        bool, typer.Option("--passphrase-stdin", help="Read the passphrase from the first line of the standard input.")
    ] = False,
) -> None:
    """Restore a backup into an empty library. You can interrupt the command and run it again.

    With the settings of AWS in the environment, the command restores into a deployment on AWS.
    """
    from app.cli.backups import restore_backup

    restore_backup(file, passphrase_stdin=passphrase_stdin)


@app.command()
def doctor(
    data: DataOption = None,
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Repair what does not match the photos.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read all files, and compare the originals with their checksums.")
    ] = False,
) -> None:
    """Compare tags, totals and files with the photos. PixTag may be running.

    With the settings of AWS in the environment, the command checks a deployment on AWS. You can interrupt the command
    and run it again. Its status is 1 if something is wrong and was not repaired. It never deletes a photo.
    """
    from app.cli.doctor import check_libraries

    sys.exit(0 if check_libraries(repair=repair, verify=verify) else 1)


@app.command()
def redrive(data: DataOption = None) -> None:
    """Process the uploads again that have failed four times. PixTag may be running."""
    from app import wiring

    stores = wiring.local_stores()
    stores.folder.require_library()
    count = stores.queue.redrive()
    print(f"{count} message{'' if count == 1 else 's'} moved back to the worker's queue.")


@app.command()
def recover(
    copy: Annotated[
        str,
        typer.Argument(metavar="[COPY]", help="A copy in `copies`, or its path. The default is the newest intact one."),
    ] = "",
    data: DataOption = None,
) -> None:
    """Replace a damaged or lost database with one of its copies. PixTag must not be running.

    The damaged files are moved to another folder. Photos that are newer than the copy are processed again. Other
    changes since the copy are lost, such as new accounts and edits to tags, and everyone must sign in again. You can
    interrupt the command and run it again.
    """
    from app import wiring
    from app.adapters.local.copies import describe_age

    stores = wiring.local_stores()
    stores.folder.prepare_recovery()
    with stores.folder.lock(""):
        recovered = stores.recovery.recover(copy)
        if recovered.copy:
            print(f"{recovered.copy.name} is the database now. The replaced files are in {recovered.damaged}.")
            print(f"The copy is {describe_age(recovered.copy)}. Later accounts, edits and other changes are lost.")
            print(f"Newer photos, which the worker processes after the next start: {recovered.unknown}")
            print(f"Photos in the copy that were deleted later: {recovered.purged}")
        else:
            print(f"Completed the interrupted recovery. The replaced files are in {recovered.damaged}.")
        _print_owners_without_account()
    replaced = recovered.damaged / stores.folder.database.name
    if replaced.exists():
        print(f"If it was not damaged, `{describe_command('recover', replaced)}` undoes this recovery.")
    print("Start PixTag again.")


@app.command()
def rebuild(data: DataOption = None) -> None:
    """Rebuild a lost database from the stored photos, on this machine or on AWS.

    Tag edits, corrections, drawn boxes and subscriptions are lost, and photos in the trash return to the library. On
    this machine, the accounts are lost too. Photos that are still in the database do not change. You can interrupt the
    command and run it again.
    """
    from app import wiring
    from app.rebuild import rebuild

    handler = logging.StreamHandler()
    handler.addFilter(is_not_raised)
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[handler])
    if wiring.find_local_settings():
        folder = wiring.local_stores().folder
        folder.prepare(is_rebuild=True)
        with folder.lock(""):  # a start of PixTag would delete the unfinished files of this process
            wiring.require_restored()
            wiring.local_stores().outbox.repeat_lost_deletions()
            failed = rebuild()
            _print_owners_without_account()
    else:
        failed = rebuild()
    sys.exit(1 if failed else 0)


def _print_owners_without_account() -> None:
    from app import wiring

    stores = wiring.local_stores()
    keys = (key for rendition in ("originals", "incoming") for key in stores.objects.list_keys(f"{rendition}/"))
    owners = {key.split("/")[1] for key in keys}
    for owner in sorted(owners - {account.owner for account in stores.account_admin.list_accounts()}):
        if not stores.outbox.has_account_deletion(owner):
            command = describe_command("user", "add", "ADDRESS", "--owner", owner)
            print(f"The photos of {owner} have no account. Run `{command}`.")
