"""The command that makes the model file: converts a network, tries it, and only then puts it in its place."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from detector.conversion import int8
from detector.conversion.darknet import DarknetError
from detector.conversion.network import convert
from detector.conversion.published import COCO_LABELS, own, yolo_fastest_xl, yolov3_tiny
from detector.pixels import UnreadablePhoto, decode, read_header
from detector.yolo import INPUT_SIDE, RUNTIME_ERRORS, ModelNotBuilt, Yolo, letterbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detector.conversion.network import Training
    from detector.pixels import Pixels

_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def main(arguments: Sequence[str], output: Path) -> int:
    """Run the command and return its exit status: 1 if there is no new model file.

    Args:
        arguments: without the word ``build``.
        output: the model file, unless they name another.
    """
    parser = _parser(output)
    options = parser.parse_args(arguments)
    if options.confidence is not None and not 0 <= options.confidence <= 1:
        parser.error(f"argument --confidence: {options.confidence} is not between 0 and 1")
    try:
        model = _build(options)
    except (DarknetError, UnreadablePhoto) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
    else:
        print(f"{options.output}  {model}  {options.output.stat().st_size / 1e6:.1f} MB")
        return 0
    return 1


def _parser(output: Path) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m detector build",
        description="Make the model file. Without options: yolov3-tiny in 8 bits, as PixTag is measured and tested.",
    )
    parser.add_argument(
        "--model",
        nargs="+",
        action=_Network,
        metavar=("NETWORK", "FILE"),
        default=None,
        help="yolov3-tiny; yolo-fastest-xl and the folder of its files (models); or a Darknet CFG and its WEIGHTS",
    )
    parser.add_argument("--names", type=Path, metavar="FILE", help="the classes of CFG, a line each (COCO's 80)")
    parser.add_argument("--int8", action="store_true", help="calculate heavy convolutions in 8 bits: faster")
    parser.add_argument("--calibrate", type=Path, metavar="DIR", help="for that, look at the photographs in DIR")
    parser.add_argument("--keep", action="store_true", help="keep what was seen in detector/calibration.json")
    parser.add_argument("--confidence", type=float, metavar="SHARE", help="how sure a tag must be (as measured)")
    parser.add_argument("--output", type=Path, metavar="FILE", default=output, help="(%(default)s)")
    return parser


class _Network(argparse.Action):
    """Refuses what is neither a name that is known nor two files."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,  # noqa: ARG002 - argparse's
    ) -> None:
        match values:
            case ["yolov3-tiny"] | ["yolo-fastest-xl"] | [_, _]:
                namespace.model = values
            case _:
                parser.error("--model takes yolov3-tiny, yolo-fastest-xl [DIR], or CFG WEIGHTS")


def _build(options: argparse.Namespace) -> str:
    """Build as the options say and return the model's name and version."""
    training = _training(options.model or ["yolov3-tiny"], options.names)
    if options.confidence is not None:
        training = replace(training, confidence=options.confidence)
    content = convert(training)
    if options.int8 or options.calibrate or options.model is None:
        calibration = _calibrate(training, content, options.calibrate)
        content = int8.quantise(content, calibration)
        if options.keep:
            int8.keep(training.model, calibration)
    return _put(content, options.output)


def _calibrate(training: Training, content: bytes, folder: Path | None) -> int8.Calibration:
    if folder is None:
        return int8.find(training.model)
    return int8.Calibration(training.confidence, int8.measure(content, _frames(folder)))


def _training(model: Sequence[str], names: Path | None) -> Training:
    match model:
        case ["yolov3-tiny"]:
            return yolov3_tiny()
        case ["yolo-fastest-xl", *folder]:
            return yolo_fastest_xl(Path(*folder or ["models"]))
        case _:
            cfg, weights = map(Path, model)
            return own(cfg, weights, _read_names(names) if names else COCO_LABELS)


def _read_names(file: Path) -> list[str]:
    names = [line.strip() for line in file.read_text(errors="replace").splitlines() if line.strip()]
    if len(set(names)) < max(1, len(names)):
        raise DarknetError(f"{file} does not give each class a name of its own.")
    return names


def _frames(folder: Path) -> Iterator[Pixels]:
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in _SUFFIXES)
    if not files:
        raise DarknetError(f"No photographs in {folder}.")
    for file in files:
        data = file.read_bytes()
        yield letterbox(decode(data, read_header(data), long_side=INPUT_SIDE))[0]


def _put(content: bytes, output: Path) -> str:
    """Try the model on a grey picture, then write it; a reader finds the old file or the new, never half of one."""
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_suffix(".unfinished")
    unfinished.write_bytes(content)
    try:
        detector = Yolo(unfinished, confidence=1, threads=1)
        detector.detect(np.full((3, 4, 3), 127, np.uint8), width=4, height=3)
        unfinished.replace(output)
    except (*RUNTIME_ERRORS, ModelNotBuilt, IndexError) as error:
        raise DarknetError(f"The network does not run, its layers do not fit each other: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return detector.model
