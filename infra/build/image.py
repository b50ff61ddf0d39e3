"""Builds the container image of both functions and prints the size of each layer (`make image`)."""

import argparse
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from infra.local.program import LocalCloudError

PLATFORM = "linux/amd64"  # the architecture of the functions in the template

_ROOT = Path(__file__).parents[2]
_MAX_STEP_LENGTH = 80
_NOISE = re.compile(r"^/bin/sh -c (#\(nop\) )?|\b(dir|file|multi):[0-9a-f]+ in ")  # builders add this text to a step


class NoBuilder(LocalCloudError):
    """No builder works on this machine."""


class BuildFailed(LocalCloudError):
    """A builder failed, or the image lacks a required file."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of an image.

    Attributes:
        size: The unpacked size of the layer's files in bytes.
        step: The step of the Dockerfile that created the layer.
    """

    size: int
    step: str


@dataclass(frozen=True, slots=True)
class Builder:
    """The commands that build an image and save it to a file in the OCI image layout."""

    build: Sequence[str]
    save: Callable[[str, Path], Sequence[str]]


BUILDERS: Mapping[str, Builder] = {
    # With provenance, Docker creates an image index. Lambda does not accept an image index.
    "docker": Builder(
        ("docker", "build", "--provenance=false"), lambda tag, file: ("docker", "save", "--output", str(file), tag)
    ),
    "podman": Builder(
        ("podman", "build"), lambda tag, file: ("podman", "save", "--format=oci-archive", f"--output={file}", tag)
    ),
    "buildah": Builder(
        ("buildah", "build", "--layers"), lambda tag, file: ("buildah", "push", tag, f"oci-archive:{file}")
    ),
}


def find_builder() -> Builder:
    """Return the first builder that works.

    Raises:
        NoBuilder: no builder works. The message contains each builder's problem.
    """
    problems = {name: _find_problem(name) for name in BUILDERS}
    for name, problem in problems.items():
        if not problem:
            return BUILDERS[name]
    lines = "".join(f"\n  {name}: {problem}" for name, problem in problems.items())
    raise NoBuilder(f"No builder works on this machine. Install Docker, Podman or Buildah.{lines}")


def _find_problem(name: str) -> str:
    """Return an error message if the builder does not work, otherwise an empty string."""
    try:
        process = subprocess.run([name, "info"], check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return "not installed"
    lines = process.stderr.strip().splitlines() or ["failed without a message"]
    return lines[-1] if process.returncode else ""


def build(builder: Builder, tag: str, options: Sequence[str] = ()) -> None:
    """Build the image. `options` are passed to the builder.

    Raises:
        BuildFailed: the builder failed.
    """
    _run([*builder.build, f"--tag={tag}", *options, str(_ROOT)])


def list_layers(builder: Builder, tag: str) -> list[Layer]:
    """Return the layers of a built image. The layers of the base image come first.

    Raises:
        BuildFailed: the builder could not save the image.
    """
    with TemporaryDirectory() as folder:
        archive = Path(folder) / "image.tar"
        _run(builder.save(tag, archive))
        return read_layers(archive)


def _run(command: Sequence[str]) -> None:
    if status := subprocess.run(command, check=False).returncode:
        raise BuildFailed(f"{command[0]} ended with status {status}.")


def read_layers(archive: Path) -> list[Layer]:
    """Return the layers of an image in the OCI image layout.

    Args:
        archive: The path of a tar file with the layout.

    Raises:
        BuildFailed: a required file is missing.

    Source: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
    """
    with tarfile.open(archive) as image:
        manifest = json.load(_open_member(image, "index.json"))
        while "manifests" in manifest:
            manifest = json.load(_open_blob(image, manifest["manifests"][0]))
        history = json.load(_open_blob(image, manifest["config"])).get("history", [])
        steps = [_NOISE.sub("", step.get("created_by", "")) for step in history if not step.get("empty_layer")]
        sizes = [_sum_file_sizes(_open_blob(image, layer)) for layer in manifest["layers"]]
        return [Layer(size, step) for size, step in zip(sizes, steps, strict=True)]


def _open_blob(image: tarfile.TarFile, descriptor: Mapping[str, Any]) -> IO[bytes]:
    return _open_member(image, f"blobs/{descriptor['digest'].replace(':', '/')}")


def _open_member(image: tarfile.TarFile, name: str) -> IO[bytes]:
    member = image.extractfile(name)
    if not member:
        raise BuildFailed(f"The image has no {name}.")
    return member


def _sum_file_sizes(layer: IO[bytes]) -> int:
    with tarfile.open(fileobj=layer) as files:
        return sum(file.size for file in files)


def main() -> None:
    """Build the image and print a line for each layer."""
    options, builder_options = _parse_options()
    try:
        builder = find_builder()
        build(builder, options.tag, [f"--platform={options.platform}", *builder_options])
        layers = list_layers(builder, options.tag)
    except LocalCloudError as error:
        sys.exit(str(error))
    for layer in layers:
        print(f"{layer.size / 1e6:8.1f} MB  {layer.step[:_MAX_STEP_LENGTH]}")
    print(f"{sum(layer.size for layer in layers) / 1e6:8.1f} MB  {options.tag}")


def _parse_options() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="python -m infra.build.image",
        description="Build the container image of both functions. Unknown options are passed to the builder.",
    )
    parser.add_argument("--tag", default="pixtag", help="the name of the image (default: pixtag)")
    parser.add_argument("--platform", default=PLATFORM, help=f"the platform of the image (default: {PLATFORM})")
    return parser.parse_known_args()


if __name__ == "__main__":
    main()
