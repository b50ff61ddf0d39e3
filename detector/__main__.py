"""Defines the command-line interface. It prints the tags of photos, draws bounding boxes and builds the model."""

from __future__ import annotations

import argparse
import errno
import io
import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detector.detections import Detection, Detector, tally
from detector.drawing import draw
from detector.formats import ENDINGS, START_BYTES, is_photo_start
from detector.pixels import UnreadablePhoto, convert_to_srgb, decode, encode_jpeg, read_header
from detector.yolo import MODEL_PATH, ModelNotBuilt, Yolo, find_sufficient_side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from detector.pixels import Pixels

_SUFFIXES = frozenset().union(*ENDINGS.values())
_BAR_WIDTH = 30
_ERASE_LINE = "\r\x1b[K"


@dataclass(frozen=True, slots=True)
class _Report:
    """The result for one photo. The JSON output contains its fields in the same order."""

    file: str
    width: int
    height: int
    tags: dict[str, int]
    detections: list[Detection]
    milliseconds: float


def main(arguments: Sequence[str], model: Path = MODEL_PATH) -> int:
    """Run the detector command.

    Args:
        arguments: The command-line arguments without the program name.
        model: The path of the default model file.

    Returns:
        The exit status, which is 0 on success. It is 1 if there are no photos, if a file could not be read or written,
        or if the model could not be built or loaded.
    """
    if arguments[:1] == ["build"]:
        from detector.conversion import build  # noqa: PLC0415 - onnx is only installed for builds

        return build.main(arguments[1:], model)
    epilog = "`python -m detector build` builds the model from published weights. Add --help to list its options."
    return detect(arguments, model, program="python -m detector", epilog=epilog)


def detect(arguments: Sequence[str], model: Path = MODEL_PATH, *, program: str, epilog: str = "") -> int:
    """Print the tags of photos, and return the exit status. See `main`.

    Args:
        arguments: The photos and options.
        model: The path of the default model file.
        program: The name of the command in its usage.
        epilog: The text after the list of options.
    """
    options = _make_parser(model, program, epilog).parse_args(arguments)
    photos = sorted({photo for path in options.photos for photo in _list_photos(path)})
    if not photos:
        return _print_error(f"No photos in {', '.join(map(str, options.photos))}.")
    try:
        detector = Yolo(options.model, confidence=options.confidence, overlap=options.overlap)
    except ModelNotBuilt as error:
        return _print_error(str(error))
    copies = _name_copies(photos, options.boxes) if options.boxes else [None] * len(photos)
    results = (_process(detector, *paths) for paths in zip(photos, copies, strict=True))
    format_report = _format_json if options.json else _format_line
    return max([_print_result(result, format_report) for result in _show_progress(results, len(photos))])


def _make_parser(model: Path, program: str, epilog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program, description="Detect objects in photos and print their tags.", epilog=epilog
    )
    parser.add_argument("photos", metavar="PHOTO", nargs="+", type=Path, help="a file, or a folder with photos")
    parser.add_argument("--json", action="store_true", help="print one line of JSON per photo")
    parser.add_argument("--boxes", metavar="DIR", type=Path, help="write copies with the boxes drawn to DIR")
    parser.add_argument("--model", metavar="FILE", type=Path, default=model, help="the model (default: %(default)s)")
    parser.add_argument(
        "--confidence",
        type=_parse_fraction,
        help="the minimum confidence of a tag, from 0 to 1 (default: stored in the model)",
    )
    parser.add_argument(
        "--overlap",
        type=_parse_fraction,
        default=0.35,
        help="the maximum IoU of two boxes with the same label, from 0 to 1 (default: %(default)s)",
    )
    return parser


def _parse_fraction(text: str) -> float:
    with suppress(ValueError):
        if 0 <= (number := float(text)) <= 1:
            return number
    raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")


def _list_photos(path: Path) -> Iterator[Path]:
    """Yield `path` itself if it is a file. If it is a folder, yield every photo in it and in its subfolders.

    A photo is a file with the ending of a photo, which may be damaged, or a file that starts like a photo.
    """
    if not path.is_dir():
        yield path
    for file in path.rglob("*"):
        if file.is_file() and (file.suffix.lower() in _SUFFIXES or is_photo_start(_read_start(file))):
            yield file


def _read_start(path: Path) -> bytes:
    """Return the first bytes of a file. Return none if the file cannot be read."""
    try:
        with path.open("rb", buffering=0) as file:
            return file.read(START_BYTES)
    except OSError:
        return b""


def _name_copies(photos: Sequence[Path], folder: Path) -> list[Path]:
    """Return one JPEG path under `folder` for each photo. The photos' folder structure is kept."""
    root = os.path.commonpath([photo.resolve().parent for photo in photos])
    copies = [folder / photo.resolve().relative_to(root) for photo in photos]
    return [copy if copy.suffix in {".jpg", ".jpeg"} else copy.with_name(f"{copy.name}.jpg") for copy in copies]


def _process(detector: Detector, photo: Path, copy: Path | None) -> _Report | str:
    """Return the report on a photo, or an error message if the photo cannot be processed."""
    try:
        return _detect(detector, photo, copy)
    except UnreadablePhoto as error:
        return f"{photo}: {error}"
    except OSError as error:
        return f"{photo}: {error.strerror}"


def _detect(detector: Detector, photo: Path, copy: Path | None) -> _Report:
    start = time.perf_counter()
    data = photo.read_bytes()
    header = read_header(data)
    pixels = decode(data, header, long_side=find_sufficient_side(header.width, header.height))
    detections = detector.detect(pixels, width=header.width, height=header.height)
    milliseconds = 1000 * (time.perf_counter() - start)
    if copy:
        _write_copy(draw(convert_to_srgb(decode(data, header), header), detections), photo, copy)
    return _Report(str(photo), header.width, header.height, tally(detections), detections, milliseconds)


def _write_copy(pixels: Pixels, photo: Path, copy: Path) -> None:
    if copy.resolve() == photo.resolve():
        raise FileExistsError(errno.EEXIST, "The copy would overwrite the photo. Choose another folder with --boxes.")
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(encode_jpeg(pixels))


def _show_progress(results: Iterable[_Report | str], total: int) -> Iterator[_Report | str]:
    """Yield the results. If there are several results and stderr is a terminal, show a progress bar."""
    bar = sys.stderr if sys.stderr.isatty() and total > 1 else io.StringIO()
    for count, result in enumerate(results, start=1):
        bar.write(_ERASE_LINE)
        bar.flush()
        yield result
        bar.write(f"{'█' * (_BAR_WIDTH * count // total):░<{_BAR_WIDTH}} {count} of {total}")
        bar.flush()
    bar.write(_ERASE_LINE)


def _print_result(result: _Report | str, format_report: Callable[[_Report], str]) -> int:
    """Print a report to stdout or an error message to stderr, and return the exit status."""
    if isinstance(result, str):
        return _print_error(result)
    print(format_report(result), flush=True)
    return 0


def _print_error(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def _format_line(report: _Report) -> str:
    tags = ", ".join(f"{tag} {count}" for tag, count in report.tags.items())
    return f"{report.file}  {tags or 'no objects'}   {report.milliseconds:.0f} ms"


def _format_json(report: _Report) -> str:
    return json.dumps(asdict(report))


if __name__ == "__main__":
    # Exit without a traceback if a reader such as `head` closes the pipe early.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main(sys.argv[1:]))
