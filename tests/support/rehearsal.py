"""Build the Dockerfile with Buildah on a fresh Debian, and run both functions from the image (`make rehearsal`).

It replaces Docker and AWS's base image on machines without a Docker daemon and without access to those registries.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from jose import jwt

from app.domain.ids import Rendition
from infra.build import image
from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.program import LocalCloudError
from tests.support.lambda_runtime import RuntimeApi, load_event

SUITE: Final = "trixie"  # Debian 13 has Python 3.13, as AWS's base image does
DEBIAN, PYTHON, NODE, IMAGE = (f"localhost/pixtag-rehearsal/{name}" for name in ("debian", "python", "node", "image"))
CERTIFICATES: Final = "--volume=/etc/ssl/certs:/etc/ssl/certs:ro"  # the certificates that this machine trusts
CHROOT: Final = "--isolation=chroot"
INSTALL_NODE: Final = "apt-get update -qq && apt-get install -qq -y --no-install-recommends nodejs npm"
REMOVE_FIND: Final = "rm /usr/bin/find /usr/bin/xargs"  # AWS's base image has neither
FACTS: Final = """
import os, pathlib, shutil
paths = [path for folder in ("/opt/packages", "/var/task") for path in pathlib.Path(folder).rglob("*")]
print(*filter(None, map(shutil.which, ("gcc", "cc", "find"))), sep="\\n", end="")
print(*[path for path in paths if path.name == "tests"], sep="\\n", end="")
print(*[path for path in paths if os.access(path, os.W_OK)], sep="\\n", end="")
print(sum(path.suffix == ".py" for path in paths), sum(path.suffix == ".pyc" for path in paths), os.getuid())
"""  # prints unwanted files, then the numbers of modules and compiled modules, and the user id


def run_buildah(*arguments: str) -> str:
    """Return what Buildah prints. Its errors go to the terminal."""
    return subprocess.run(["buildah", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@contextmanager
def container(base: str) -> Iterator[str]:
    """Create a container from an image, and remove it after the block."""
    name = run_buildah("from", base)
    try:
        yield name
    finally:
        run_buildah("rm", name)


def make_bases() -> None:
    """Build the base images of the Dockerfile's stages, unless they exist."""
    if not run_buildah("images", "--quiet", "--filter", f"reference={DEBIAN}"):
        with TemporaryDirectory() as root, container("scratch") as scratch:
            packages = "--include=ca-certificates,python3,python3-pip"
            subprocess.run(["debootstrap", "--variant=minbase", packages, SUITE, root], check=True)
            run_buildah("add", "--quiet", scratch, root, "/")
            run_buildah("commit", "--quiet", scratch, DEBIAN)
    for name, command in ((PYTHON, REMOVE_FIND), (NODE, INSTALL_NODE)):
        if not run_buildah("images", "--quiet", "--filter", f"reference={name}"):
            with container(DEBIAN) as debian:
                run_buildah("run", CHROOT, debian, "--", "sh", "-c", command)
                run_buildah("commit", "--quiet", debian, name)


def build() -> None:
    """Build the image as `make image` does, and print the layers."""
    bases = ("--build-arg", f"BASE={PYTHON}", "--build-arg", f"NODE={NODE}")
    started = time.monotonic()
    image.build(image.BUILDERS["buildah"], IMAGE, [CHROOT, CERTIFICATES, *bases])
    print(f"{time.monotonic() - started:8.1f} s   to build")
    for layer in image.list_layers(image.BUILDERS["buildah"], IMAGE):
        print(f"{layer.size / 1e6:8.1f} MB  {layer.step}")


@contextmanager
def run_function(handler: str, cloud: LocalCloud) -> Iterator[RuntimeApi]:
    """Run one of the image's functions, with the image's entry point, user, folder and environment."""
    with RuntimeApi() as api, container(IMAGE) as name:
        entry = json.loads(run_buildah("inspect", name))["OCIv1"]["config"]["Entrypoint"]
        variables = {key: value for key, value in cloud.environment.items() if key.startswith(("AWS_", "PIXTAG_"))}
        variables |= {"AWS_LAMBDA_RUNTIME_API": api.address}
        options = [f"--env={key}={value}" for key, value in variables.items()]
        with subprocess.Popen(["buildah", "run", CHROOT, *options, name, "--", *entry, handler]) as process:
            try:
                yield api
            finally:
                process.terminate()


def check_image() -> int:
    """Return the number of modules. Assert that all are compiled, that no file is writable and none is unwanted."""
    with container(IMAGE) as name:
        facts = run_buildah("run", CHROOT, name, "--", "python3", "-c", FACTS)
    modules = facts.partition(" ")[0]
    assert facts == f"{modules} {modules} 65534", facts
    return int(modules)


def time_invocation(label: str, api: RuntimeApi, event: Any) -> Any:
    started = time.monotonic()
    response = api.invoke(event)
    print(f"{time.monotonic() - started:8.2f} s   {label}")
    return response


def rehearse() -> None:
    """Upload, ingest and find an image with the image's two functions."""
    with (
        TemporaryDirectory() as state,
        local_cloud(Path(state), Ports.find_free(), quiet=True) as cloud,
        cloud.person("ada@example.com") as ada,
    ):
        cloud.worker.stop()
        access = ada.headers["Authorization"].removeprefix("Bearer ")
        with run_function("app.main.handler", cloud) as api, run_function("app.worker.handler", cloud) as worker:
            uploaded = time_invocation("first response of the API", api, load_event("post-multipart", token=access))
            key = Rendition.INCOMING.key(
                jwt.get_unverified_claims(access)["sub"], uploaded["headers"]["location"].rpartition("/")[2]
            )
            ingested = time_invocation("first response of the worker", worker, load_event("sqs-upload", key=key))
            search = time_invocation("a search", api, load_event("get", token=access))
        cloud.worker.start()
    assert ingested == {"batchItemFailures": []}
    assert len(json.loads(search["body"])["images"]) == 1


def main() -> None:
    """Run all steps. The first failure ends the program."""
    try:
        make_bases()
        build()
        modules = check_image()
        rehearse()
    except FileNotFoundError as error:
        sys.exit(f"The rehearsal needs {error.filename}: apt-get install buildah debootstrap")
    except (LocalCloudError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
    print(f"The image works as the user nobody. All {modules} modules are compiled.")


if __name__ == "__main__":
    main()
