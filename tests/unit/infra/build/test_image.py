import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from infra.build import image
from infra.build.image import BUILDERS, BuildFailed, Layer, NoBuilder, find_builder, list_layers, read_layers
from infra.local.emulator import TEMPLATE


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def install(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def make_archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


class Layout(dict[str, bytes]):
    """The files of an image in the OCI image layout."""

    def add_blob(self, content: bytes) -> dict[str, str]:
        digest = hashlib.sha256(content).hexdigest()
        self[f"blobs/sha256/{digest}"] = content
        return {"digest": f"sha256:{digest}"}

    def add_document(self, content: Any) -> dict[str, str]:
        return self.add_blob(json.dumps(content).encode())


def write_image(folder: Path, *, nested: bool) -> Path:
    """Write an image with two layers, and a step between them that added no layer."""
    layout = Layout()
    steps = [
        {"created_by": "ADD base"},
        {"created_by": "ENV a=b", "empty_layer": True},
        {"created_by": "/bin/sh -c #(nop) COPY dir:a1b2 in /app "},
    ]
    manifest = {
        "config": layout.add_document({"history": steps}),
        "layers": [
            layout.add_blob(make_archive({"python": b"p" * 3000})),
            layout.add_blob(make_archive({"a": b"a", "b": b"bb"})),
        ],
    }
    index = {"manifests": [layout.add_document(manifest)]}
    layout["index.json"] = json.dumps({"manifests": [layout.add_document(index)]} if nested else index).encode()
    archive = folder / "image.tar"
    archive.write_bytes(make_archive(layout))
    return archive


@pytest.mark.parametrize("nested", [False, True])
def test_read_layers_returns_the_step_and_unpacked_size_of_each(tmp_path: Path, nested: bool) -> None:  # noqa: FBT001
    assert read_layers(write_image(tmp_path, nested=nested)) == [Layer(3000, "ADD base"), Layer(3, "COPY /app ")]


def test_find_builder_returns_the_first_that_works(programs: Path) -> None:
    install(programs, "docker", "exit 1")
    install(programs, "podman", "exit 0")
    install(programs, "buildah", "exit 0")

    assert find_builder() is BUILDERS["podman"]


def test_find_builder_without_a_working_one_raises_no_builder_with_reasons(programs: Path) -> None:
    install(programs, "docker", "echo 'Is the docker daemon running?' >&2; exit 1")
    install(programs, "podman", "exit 1")

    with pytest.raises(NoBuilder) as error:
        find_builder()

    assert str(error.value).splitlines()[1:] == [
        "  docker: Is the docker daemon running?",
        "  podman: failed without a message",
        "  buildah: not installed",
    ]


def test_build_passes_options_to_the_builder(programs: Path) -> None:
    install(programs, "podman", 'echo "$@" > "${0%/*}/arguments"')

    image.build(BUILDERS["podman"], "pixtag:1", ["--build-arg", "BASE=other"])

    arguments = (programs / "arguments").read_text()
    assert arguments.startswith("build --tag=pixtag:1 --build-arg BASE=other ")


def test_platform_is_the_architecture_in_the_template() -> None:
    architectures = yaml_parse(TEMPLATE.read_text())["Globals"]["Function"]["Architectures"]

    assert [{"x86_64": "linux/amd64", "arm64": "linux/arm64"}[architecture] for architecture in architectures] == [
        image.PLATFORM
    ]


def test_list_layers_with_a_failing_builder_raises_build_failed(programs: Path) -> None:
    install(programs, "buildah", "exit 125")

    with pytest.raises(BuildFailed, match="buildah ended with status 125"):
        list_layers(BUILDERS["buildah"], "pixtag")
