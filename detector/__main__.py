"""The command line: tags of photographs as lines or JSON, boxes drawn into copies; builds the model."""

from __future__ import annotations

import argparse
import errno
import io
import json
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detector.detections import Detection, Detector, tally
from detector.drawing import draw
from detector.pixels import UnreadablePhoto, decode, read_header, thumbnail
from detector.yolo import INPUT_SIDE, MODEL_PATH, ModelNotBuilt, Yolo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from detector.pixels import Pixels

_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic", ".heif", ".avif"}
_BAR_WIDTH = 30
_ERASE_LINE = "\r\x1b[K"


@dataclass(frozen=True, slots=True)
class _Report:
    """What was found in a file, in the order and under the names of the JSON form."""

    file: str
    width: int
    height: int
    tags: dict[str, int]
    detections: list[Detection]
    milliseconds: float


def main(arguments: Sequence[str], model: Path = MODEL_PATH) -> int:
    """Run the command and return its exit status: 1 if anything could not be read or built."""
    if arguments[:1] == ["build"]:
        from detector.conversion import build  # noqa: PLC0415 - onnx is installed where models are built

        return build.main(arguments[1:], model)
    options = _parser(model).parse_args(arguments)
    photos = sorted({photo for path in options.photos for photo in _walk(path)})
    if not photos:
        return _complain(f"No photographs in {', '.join(map(str, options.photos))}.")
    try:
        detector = Yolo(options.model, confidence=options.confidence, overlap=options.overlap)
    except ModelNotBuilt as error:
        return _complain(str(error))
    copies = _name_copies(photos, options.boxes) if options.boxes else [None] * len(photos)
    attempts = (_attempt(detector, *paths) for paths in zip(photos, copies, strict=True))
    write = _as_json if options.json else _as_line
    return max([_print(attempt, write) for attempt in _with_bar(attempts, len(photos))])


def _parser(model: Path) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m detector",
        description="Print what is to be seen in photographs.",
        epilog="`python -m detector build` makes the model from published weights; see its --help.",
    )
    parser.add_argument("photos", metavar="PHOTO", nargs="+", type=Path, help="a file, or a folder to walk")
    parser.add_argument("--json", action="store_true", help="print a line of JSON for each photograph")
    parser.add_argument("--boxes", metavar="DIR", type=Path, help="write copies with the boxes drawn to DIR")
    parser.add_argument("--model", metavar="FILE", type=Path, default=model, help="what looks (%(default)s)")
    parser.add_argument("--confidence", type=_fraction, help="the model's, for a tag (as it was built)")
    parser.add_argument("--overlap", type=_fraction, default=0.35, help="above it two boxes are one (%(default)s)")
    return parser


def _fraction(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


def _walk(path: Path) -> Iterator[Path]:
    """Yield a file as it is named, and of a folder every file that is named like a photograph."""
    if not path.is_dir():
        yield path
    for file in path.rglob("*"):
        if file.suffix.lower() in _SUFFIXES and file.is_file():
            yield file


def _name_copies(photos: Sequence[Path], folder: Path) -> list[Path]:
    """Name a JPEG in ``folder`` for each photograph, in the subfolders that they have in common."""
    root = os.path.commonpath([photo.resolve().parent for photo in photos])
    copies = [folder / photo.resolve().relative_to(root) for photo in photos]
    return [copy if copy.suffix in {".jpg", ".jpeg"} else copy.with_name(f"{copy.name}.jpg") for copy in copies]


def _attempt(detector: Detector, photo: Path, copy: Path | None) -> _Report | str:
    """Return the report on a photograph, or why there is none."""
    try:
        return _look(detector, photo, copy)
    except UnreadablePhoto as error:
        return f"{photo}: {error}"
    except OSError as error:
        return f"{photo}: {error.strerror}"


def _look(detector: Detector, photo: Path, copy: Path | None) -> _Report:
    started = time.perf_counter()
    data = photo.read_bytes()
    header = read_header(data)
    pixels = decode(data, header, long_side=INPUT_SIDE)
    detections = detector.detect(pixels, width=header.width, height=header.height)
    milliseconds = 1000 * (time.perf_counter() - started)
    if copy:
        _write_copy(draw(decode(data, header), detections), photo, copy)
    return _Report(str(photo), header.width, header.height, tally(detections), detections, milliseconds)


def _write_copy(pixels: Pixels, photo: Path, copy: Path) -> None:
    if copy.resolve() == photo.resolve():
        raise FileExistsError(errno.EEXIST, "the copy with boxes would overwrite the photograph")
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(thumbnail(pixels, long_side=max(pixels.shape)))


def _with_bar(attempts: Iterable[_Report | str], total: int) -> Iterator[_Report | str]:
    """Pass the attempts on; while one is waited for, a terminal shows on stderr how many are done."""
    bar = sys.stderr if sys.stderr.isatty() and total > 1 else io.StringIO()
    for done, attempt in enumerate(attempts, start=1):
        bar.write(_ERASE_LINE)
        bar.flush()
        yield attempt
        bar.write(f"{'█' * (_BAR_WIDTH * done // total):░<{_BAR_WIDTH}} {done} of {total}")
        bar.flush()
    bar.write(_ERASE_LINE)


def _print(attempt: _Report | str, write: Callable[[_Report], str]) -> int:
    """Print the report on stdout or the complaint on stderr, and return the exit status it is worth."""
    if isinstance(attempt, str):
        return _complain(attempt)
    print(write(attempt), flush=True)
    return 0


def _complain(complaint: str) -> int:
    print(complaint, file=sys.stderr)
    return 1


def _as_line(report: _Report) -> str:
    tags = ", ".join(f"{tag} {count}" for tag, count in report.tags.items())
    return f"{report.file}  {tags or 'nothing found'}   {report.milliseconds:.0f} ms"


def _as_json(report: _Report) -> str:
    return json.dumps(asdict(report))


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` has read enough: that is no error
    sys.exit(main(sys.argv[1:]))
