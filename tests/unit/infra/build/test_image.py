import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from infra.build import image
from infra.build.image import BUILDERS, BuildFailed, Layer, NoBuilder, find_builder, layers, read_layers
from infra.local.emulator import TEMPLATE


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def packed(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


class Layout(dict[str, bytes]):
    """The files of an image in the OCI's layout."""

    def blob(self, content: bytes) -> dict[str, str]:
        digest = hashlib.sha256(content).hexdigest()
        self[f"blobs/sha256/{digest}"] = content
        return {"digest": f"sha256:{digest}"}

    def document(self, content: Any) -> dict[str, str]:
        return self.blob(json.dumps(content).encode())


def written(folder: Path, *, nested: bool) -> Path:
    """An image of two layers, with a step between them that added none."""
    layout = Layout()
    steps = [
        {"created_by": "ADD base"},
        {"created_by": "ENV a=b", "empty_layer": True},
        {"created_by": "/bin/sh -c #(nop) COPY dir:a1b2 in /app "},
    ]
    manifest = {
        "config": layout.document({"history": steps}),
        "layers": [layout.blob(packed({"python": b"p" * 3000})), layout.blob(packed({"a": b"a", "b": b"bb"}))],
    }
    index = {"manifests": [layout.document(manifest)]}
    layout["index.json"] = json.dumps({"manifests": [layout.document(index)]} if nested else index).encode()
    archive = folder / "image.tar"
    archive.write_bytes(packed(layout))
    return archive


@pytest.mark.parametrize("nested", [False, True])
def test_each_layer_is_told_with_its_step_and_its_unpacked_size(tmp_path: Path, nested: bool) -> None:  # noqa: FBT001
    assert read_layers(written(tmp_path, nested=nested)) == [Layer(3000, "ADD base"), Layer(3, "COPY /app ")]


def test_the_first_builder_that_works_is_taken(programs: Path) -> None:
    program(programs, "docker", "exit 1")
    program(programs, "podman", "exit 0")
    program(programs, "buildah", "exit 0")

    assert find_builder() is BUILDERS["podman"]


def test_where_there_is_no_builder_it_is_told_why(programs: Path) -> None:
    program(programs, "docker", "echo 'Is the docker daemon running?' >&2; exit 1")
    program(programs, "podman", "exit 1")

    with pytest.raises(NoBuilder) as refused:
        find_builder()

    assert str(refused.value).splitlines()[1:] == [
        "  docker: Is the docker daemon running?",
        "  podman: it does not say why",
        "  buildah: not installed",
    ]


def test_the_builder_gets_what_the_person_says(programs: Path) -> None:
    program(programs, "podman", 'echo "$@" > "${0%/*}/said"')

    image.build(BUILDERS["podman"], "pixtag:1", ["--build-arg", "BASE=other"])

    said = (programs / "said").read_text()
    assert said.startswith("build --tag=pixtag:1 --build-arg BASE=other ")


def test_what_is_built_runs_where_the_template_says() -> None:
    architectures = yaml_parse(TEMPLATE.read_text())["Globals"]["Function"]["Architectures"]

    assert [{"x86_64": "linux/amd64", "arm64": "linux/arm64"}[one] for one in architectures] == [image.PLATFORM]


def test_a_builder_that_fails_is_told(programs: Path) -> None:
    program(programs, "buildah", "exit 125")

    with pytest.raises(BuildFailed, match="buildah ended with status 125"):
        layers(BUILDERS["buildah"], "pixtag")
