"""Defines the commands `pixtag import`. They import what they need, so that `pixtag --help` is fast."""

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from app.cli.imports import Reader

PathsArgument = Annotated[list[str], typer.Argument(metavar="PATH…", help="Folders and zip files.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only list the photos. Send nothing.")]
JobsOption = Annotated[int, typer.Option(min=1, max=16, help="How many photos are sent at the same time.")]
AgainOption = Annotated[bool, typer.Option("--again", help="Read every photo again, also if it was imported before.")]

import_app: Final = typer.Typer(
    help="Import photos from other programs, with their metadata and albums.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@import_app.command()
def takeout(
    paths: PathsArgument, *, dry_run: DryRunOption = False, jobs: JobsOption = 4, again: AgainOption = False
) -> None:
    """Import an export of Google Photos by Google Takeout. Name all its zip files, or their folder."""
    from app.client.imports.takeout import Takeout

    _run(Takeout(paths), dry_run=dry_run, jobs=jobs, again=again)


@import_app.command()
def folder(
    paths: PathsArgument,
    *,
    folder_tags: Annotated[bool, typer.Option("--folder-tags", help="Add the names of folders as tags.")] = False,
    dry_run: DryRunOption = False,
    jobs: JobsOption = 4,
    again: AgainOption = False,
) -> None:
    """Import folders with XMP sidecars, such as those of Lightroom, darktable and digiKam."""
    from app.client.imports.folder import Folder

    _run(Folder(paths, folder_tags=folder_tags), dry_run=dry_run, jobs=jobs, again=again)


@import_app.command()
def immich(
    paths: PathsArgument, *, dry_run: DryRunOption = False, jobs: JobsOption = 4, again: AgainOption = False
) -> None:
    """Import the upload location of Immich, with the XMP sidecars that Immich writes."""
    from app.client.imports.folder import IMMICH_FOLDERS, Folder

    _run(Folder(paths, left_out=IMMICH_FOLDERS), dry_run=dry_run, jobs=jobs, again=again)


@import_app.command()
def photoprism(
    paths: PathsArgument, *, dry_run: DryRunOption = False, jobs: JobsOption = 4, again: AgainOption = False
) -> None:
    """Import the originals of PhotoPrism. Name the folders originals and storage, or a folder with both."""
    from app.client.imports.photoprism import PhotoPrism

    _run(PhotoPrism(paths), dry_run=dry_run, jobs=jobs, again=again)


def _run(reader: "Reader", *, dry_run: bool, jobs: int, again: bool) -> None:
    from app.cli.imports import ImportRun
    from app.cli.uploads import UploadOptions

    sys.exit(ImportRun(reader, UploadOptions(jobs=jobs, dry_run=dry_run, again=again)).run())
