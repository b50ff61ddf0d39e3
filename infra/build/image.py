"""`make image`: builds the image of both functions with the builder that is there, and tells the size of each layer."""

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

PLATFORM = "linux/amd64"  # what the template's functions run on, whatever this machine is

_ROOT = Path(__file__).parents[2]
_STEP_LETTERS = 80
_NOISE = re.compile(r"^/bin/sh -c (#\(nop\) )?|\b(dir|file|multi):[0-9a-f]+ in ")  # what builders put around a step


class NoBuilder(LocalCloudError):
    """Nothing on this machine can build an image."""


class BuildFailed(LocalCloudError):
    """The builder said why."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one step of a Dockerfile added: bytes of files, unpacked."""

    size: int
    step: str


@dataclass(frozen=True, slots=True)
class Builder:
    """How a program builds an image, and writes it to a file as the OCI's image layout."""

    build: Sequence[str]
    save: Callable[[str, Path], Sequence[str]]


BUILDERS: Mapping[str, Builder] = {
    # Without provenance: with it the image is an index, which Lambda does not take.
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
    """Return the first builder that works; raises NoBuilder with what is the matter with each."""
    troubles = {name: _trouble(name) for name in BUILDERS}
    for name, trouble in troubles.items():
        if not trouble:
            return BUILDERS[name]
    told = "".join(f"\n  {name}: {trouble}" for name, trouble in troubles.items())
    raise NoBuilder(f"No image was built: that takes Docker, Podman or Buildah, and none of them works here.{told}")


def _trouble(name: str) -> str:
    """Say why a builder cannot be used; an empty text if it can."""
    try:
        asked = subprocess.run([name, "info"], check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return "not installed"
    lines = asked.stderr.strip().splitlines() or ["it does not say why"]
    return lines[-1] if asked.returncode else ""


def build(builder: Builder, tag: str, options: Sequence[str] = ()) -> None:
    """Build the Dockerfile of this tree; the options are the builder's. Raises BuildFailed."""
    _run([*builder.build, f"--tag={tag}", *options, str(_ROOT)])


def layers(builder: Builder, tag: str) -> list[Layer]:
    """Return the layers of an image that was built, the base's first; raises BuildFailed."""
    with TemporaryDirectory() as folder:
        archive = Path(folder) / "image.tar"
        _run(builder.save(tag, archive))
        return read_layers(archive)


def _run(command: Sequence[str]) -> None:
    if status := subprocess.run(command, check=False).returncode:
        raise BuildFailed(f"{command[0]} ended with status {status}.")


def read_layers(archive: Path) -> list[Layer]:
    """Return the layers of an image in the OCI's layout, in a tar file.

    Source: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
    """
    with tarfile.open(archive) as image:
        manifest = json.load(_member(image, "index.json"))
        while "manifests" in manifest:
            manifest = json.load(_blob(image, manifest["manifests"][0]))
        history = json.load(_blob(image, manifest["config"])).get("history", [])
        steps = [_NOISE.sub("", one.get("created_by", "")) for one in history if not one.get("empty_layer")]
        sizes = [_unpacked(_blob(image, layer)) for layer in manifest["layers"]]
        return [Layer(size, step) for size, step in zip(sizes, steps, strict=True)]


def _blob(image: tarfile.TarFile, descriptor: Mapping[str, Any]) -> IO[bytes]:
    return _member(image, f"blobs/{descriptor['digest'].replace(':', '/')}")


def _member(image: tarfile.TarFile, name: str) -> IO[bytes]:
    found = image.extractfile(name)
    if not found:
        raise BuildFailed(f"The image has no {name}.")
    return found


def _unpacked(layer: IO[bytes]) -> int:
    with tarfile.open(fileobj=layer) as files:
        return sum(file.size for file in files)


def main() -> None:
    """Build, and print a line a layer."""
    options, others = _options()
    try:
        builder = find_builder()
        build(builder, options.tag, [f"--platform={options.platform}", *others])
        found = layers(builder, options.tag)
    except LocalCloudError as error:
        sys.exit(str(error))
    for layer in found:
        print(f"{layer.size / 1e6:8.1f} MB  {layer.step[:_STEP_LETTERS]}")
    print(f"{sum(layer.size for layer in found) / 1e6:8.1f} MB  {options.tag}")


def _options() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="python -m infra.build.image",
        description="Build the image of both functions. Options that are not listed go to the builder.",
    )
    parser.add_argument("--tag", default="pixtag", help="the image's name (default: pixtag)")
    parser.add_argument("--platform", default=PLATFORM, help=f"what it runs on (default: {PLATFORM})")
    return parser.parse_known_args()


if __name__ == "__main__":
    main()
