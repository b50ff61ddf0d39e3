"""Defines the commands of `pixtag` for a library on a server: search, tag, download and export."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Query = Annotated[str, typer.Argument(metavar="QUERY", help="A query, such as 'dog, taken:2019'. '' means all photos.")]


class Format(StrEnum):
    """The formats of exports."""

    CSV = "csv"
    JSON = "json"
    COCO = "coco"


def search(
    query: Query,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print each photo as a line of JSON.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Print at most this number of photos.")] = None,
) -> None:
    """Print the photos that match a query, newest first: id, date, name and tags.

    The status is 1 if no photo matches, as grep does.
    """
    from app.client.account import connect
    from app.client.library import search as search_images
    from app.client.library import suggest
    from app.client.login import load_login

    count = 0
    with connect(load_login()) as connection:
        for image in search_images(connection, query, limit):
            count += 1
            tags = ", ".join(f"{tag['tag']}={tag['count']}" for tag in image["tags"])
            print(
                json.dumps(image, ensure_ascii=False)
                if as_json
                else f"{image['id']}  {image['taken_at'][:10]}  {image['name']}  {tags}".rstrip()
            )
        if not count and query.strip() and (queries := suggest(connection, query)):
            print(f"No photo matches. Try: {' · '.join(queries)}", file=sys.stderr)
    sys.exit(0 if count else 1)


def tag(
    selectors: Annotated[list[str], typer.Argument(metavar="QUERY|ID…", help="One query, or ids of photos.")],
    *,
    add: Annotated[list[str] | None, typer.Option(help="A tag to add, such as dog or person=2.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="A tag to remove, or person=1 to subtract.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing. Count the photos.")] = False,
) -> None:
    """Add and remove tags of photos. You can repeat --add and --remove."""
    from app.client.account import connect
    from app.client.library import TagEdits, edit_tags, select
    from app.client.login import load_login
    from app.client.quantities import count

    edits = TagEdits.parse(add or (), remove or ())
    selections = select(selectors)
    changed, failed = 0, 0
    with connect(load_login()) as connection:
        for response in edit_tags(connection, selections, edits, dry_run=dry_run):
            changed += response["changed"]
            for outcome in response["outcomes"]:
                if outcome["result"] == "failed":
                    failed += 1
                    print(f"{outcome['image']}: {outcome['detail']}", file=sys.stderr)
    print(f"{count(changed, 'photo')} would change." if dry_run else f"Changed {count(changed, 'photo')}.")
    sys.exit(1 if failed else 0)


def download(
    query: Query,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder. It is created if it is missing.")],
    *,
    jobs: Annotated[int, typer.Option(min=1, max=16, help="How many photos are downloaded at the same time.")] = 4,
) -> None:
    """Download the originals of the photos that match, each with its tags in an XMP sidecar.

    You can interrupt the command and run it again. No file is overwritten. The status is 1 if no photo matches, or if
    something was not downloaded.
    """
    from app.cli.downloads import DownloadRun

    sys.exit(DownloadRun(query, folder, jobs).run())


def export(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The file to write. It must not exist.")] = None,
    *,
    kind: Annotated[Format, typer.Option("--format", help="The format.")] = Format.CSV,
) -> None:
    """Write the tags of all photos to a file or to the standard output, for spreadsheets and programs."""
    from app.client.account import connect
    from app.client.exports import EXPORTS
    from app.client.login import load_login

    with connect(load_login()) as connection:
        pieces = EXPORTS[kind](connection)
        if file:
            from app.cli.output_file import create_file

            with create_file(file) as output:
                output.writelines(pieces)
        else:
            sys.stdout.buffer.writelines(pieces)
            sys.stdout.flush()


COMMANDS = (search, tag, download, export)
