"""Builds the model file. A new model replaces the old file only after a successful test run."""

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
from detector.conversion.onnx_models import OnnxError, convert_onnx
from detector.conversion.published import COCO_LABELS, load_custom, load_yolo_fastest_xl, load_yolov3_tiny
from detector.pixels import UnreadablePhoto, decode, read_header
from detector.yolo import INPUT_SIDE, RUNTIME_ERRORS, ModelNotBuilt, Yolo, letterbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detector.conversion.network import Training
    from detector.pixels import Pixels

_ONNX = ".onnx"
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def main(arguments: Sequence[str], output: Path) -> int:
    """Run the build command.

    Args:
        arguments: The command-line arguments after `build`.
        output: The default path of the model file.

    Returns:
        The exit status: 0 if the model file was written, otherwise 1.
    """
    parser = _make_parser(output)
    options = parser.parse_args(arguments)
    if options.confidence is not None and not 0 <= options.confidence <= 1:
        parser.error(f"argument --confidence: {options.confidence} is not between 0 and 1")
    try:
        model = _build(options)
    except (DarknetError, OnnxError, UnreadablePhoto) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
    else:
        print(f"{options.output}  {model}  {options.output.stat().st_size / 1e6:.1f} MB")
        return 0
    return 1


def _make_parser(output: Path) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m detector build",
        description="Build the model file. The default is yolov3-tiny with 8-bit convolutions.",
    )
    parser.add_argument(
        "--model",
        nargs="+",
        action=_NetworkAction,
        metavar=("NETWORK", "FILE"),
        default=None,
        help="yolov3-tiny, yolo-fastest-xl [DIR] (default DIR: models), the Darknet files CFG WEIGHTS, or the file "
        "FILE.onnx of YOLOX or NanoDet-Plus",
    )
    parser.add_argument(
        "--names",
        type=Path,
        metavar="FILE",
        help="a file with one label per line for CFG or FILE.onnx (default: COCO's labels)",
    )
    parser.add_argument("--int8", action="store_true", help="quantize large convolutions to 8 bits for more speed")
    parser.add_argument(
        "--calibrate", type=Path, metavar="DIR", help="like --int8, but calibrate with the photos in DIR"
    )
    parser.add_argument("--keep", action="store_true", help="save the calibration in calibration.json")
    parser.add_argument(
        "--confidence",
        type=float,
        metavar="N",
        help="the minimum confidence of a tag, from 0 to 1 (default: the network's)",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", default=output, help="the model file (default: %(default)s)"
    )
    return parser


class _NetworkAction(argparse.Action):
    """Accepts the values `yolov3-tiny`, `yolo-fastest-xl [DIR]`, `CFG WEIGHTS` or `FILE.onnx`."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,  # noqa: ARG002 - argparse passes this argument
    ) -> None:
        match values:
            case ["yolov3-tiny"] | ["yolo-fastest-xl"] | [_, _]:
                namespace.model = values
            case [file] if str(file).endswith(_ONNX):
                namespace.model = values
            case _:
                parser.error("--model accepts yolov3-tiny, yolo-fastest-xl [DIR], CFG WEIGHTS or FILE.onnx")


def _build(options: argparse.Namespace) -> str:
    """Build the model that the options describe, and return its name and version."""
    match options.model:
        case [file] if file.endswith(_ONNX):
            return _write_model(_convert_onnx(Path(file), options), options.output)
    training = _load_training(options.model or ["yolov3-tiny"], options.names)
    if options.confidence is not None:
        training = replace(training, confidence=options.confidence)
    content = convert(training)
    if options.int8 or options.calibrate or options.model is None:
        calibration = _calibrate(training, content, options.calibrate)
        content = int8.quantize(content, calibration)
        if options.keep:
            int8.save_calibration(training.model, calibration)
    return _write_model(content, options.output)


def _convert_onnx(file: Path, options: argparse.Namespace) -> bytes:
    if options.int8 or options.calibrate:
        raise OnnxError("Only Darknet networks can have 8 bits. Leave out --int8 and --calibrate.")
    labels = _read_names(options.names) if options.names else None
    return convert_onnx(file, labels, options.confidence)


def _calibrate(training: Training, content: bytes, folder: Path | None) -> int8.Calibration:
    if folder is None:
        return int8.load_calibration(training.model)
    return int8.Calibration(training.confidence, int8.measure_ranges(content, _load_frames(folder)))


def _load_training(model: Sequence[str], names: Path | None) -> Training:
    match model:
        case ["yolov3-tiny"]:
            return load_yolov3_tiny()
        case ["yolo-fastest-xl", *folder]:
            return load_yolo_fastest_xl(Path(*folder or ["models"]))
        case _:
            cfg, weights = map(Path, model)
            return load_custom(cfg, weights, _read_names(names) if names else COCO_LABELS)


def _read_names(file: Path) -> list[str]:
    names = [line.strip() for line in file.read_text(errors="replace").splitlines() if line.strip()]
    if len(set(names)) < max(1, len(names)):
        raise DarknetError(f"{file} is empty or contains a duplicate name. Write a different name for each class.")
    return names


def _load_frames(folder: Path) -> Iterator[Pixels]:
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in _SUFFIXES)
    if not files:
        raise DarknetError(f"No photos in {folder}.")
    for file in files:
        data = file.read_bytes()
        yield letterbox(decode(data, read_header(data), long_side=INPUT_SIDE))[0]


def _write_model(content: bytes, output: Path) -> str:
    """Test the model on a grey image, replace the output file atomically, and return the model's name and version."""
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_suffix(".unfinished")
    unfinished.write_bytes(content)
    try:
        detector = Yolo(unfinished, confidence=1, threads=1)
        detector.detect(np.full((3, 4, 3), 127, np.uint8), width=4, height=3)
        unfinished.replace(output)
    except (*RUNTIME_ERRORS, ModelNotBuilt, IndexError) as error:
        raise DarknetError(f"The network cannot run, because its layers do not fit together: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return detector.model
