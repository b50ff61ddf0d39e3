"""`make rehearsal`: the Dockerfile built by Buildah on a Debian of its own, and both functions run from the result.

It stands in for Docker and for AWS's base image, which a machine without a daemon and without those registries lacks.
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
from tests.support.lambda_runtime import RuntimeApi, event

SUITE: Final = "trixie"  # Debian 13: Python 3.13, as AWS's base image has
DEBIAN, PYTHON, NODE, IMAGE = (f"localhost/pixtag-rehearsal/{name}" for name in ("debian", "python", "node", "image"))
CERTIFICATES: Final = "--volume=/etc/ssl/certs:/etc/ssl/certs:ro"  # those that this machine trusts
CHROOT: Final = "--isolation=chroot"
INSTALL_NODE: Final = "apt-get update -qq && apt-get install -qq -y --no-install-recommends nodejs npm"
REMOVE_FIND: Final = "rm /usr/bin/find /usr/bin/xargs"  # AWS's base image has neither
FACTS: Final = """
import os, pathlib, shutil
ours = [path for folder in ("/opt/packages", "/var/task") for path in pathlib.Path(folder).rglob("*")]
print(*filter(None, map(shutil.which, ("gcc", "cc", "find"))), sep="\\n", end="")
print(*[path for path in ours if path.name == "tests"], sep="\\n", end="")
print(*[path for path in ours if os.access(path, os.W_OK)], sep="\\n", end="")
print(sum(path.suffix == ".py" for path in ours), sum(path.suffix == ".pyc" for path in ours), os.getuid())
"""  # what should not be there, then modules, compiled modules and the user


def buildah(*arguments: str) -> str:
    """What Buildah prints; what it complains of is shown."""
    return subprocess.run(["buildah", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@contextmanager
def container(base: str) -> Iterator[str]:
    """A container of an image."""
    name = buildah("from", base)
    try:
        yield name
    finally:
        buildah("rm", name)


def make_bases() -> None:
    """Make what the Dockerfile's stages start from, unless they were made already."""
    if not buildah("images", "--quiet", "--filter", f"reference={DEBIAN}"):
        with TemporaryDirectory() as root, container("scratch") as empty:
            packages = "--include=ca-certificates,python3,python3-pip"
            subprocess.run(["debootstrap", "--variant=minbase", packages, SUITE, root], check=True)
            buildah("add", "--quiet", empty, root, "/")
            buildah("commit", "--quiet", empty, DEBIAN)
    for name, change in ((PYTHON, REMOVE_FIND), (NODE, INSTALL_NODE)):
        if not buildah("images", "--quiet", "--filter", f"reference={name}"):
            with container(DEBIAN) as debian:
                buildah("run", CHROOT, debian, "--", "sh", "-c", change)
                buildah("commit", "--quiet", debian, name)


def build() -> None:
    """Build as `make image` does, and print the layers."""
    bases = ("--build-arg", f"BASE={PYTHON}", "--build-arg", f"NODE={NODE}")
    started = time.monotonic()
    image.build(image.BUILDERS["buildah"], IMAGE, [CHROOT, CERTIFICATES, *bases])
    print(f"{time.monotonic() - started:8.1f} s   to build")
    for layer in image.layers(image.BUILDERS["buildah"], IMAGE):
        print(f"{layer.size / 1e6:8.1f} MB  {layer.step}")


@contextmanager
def function(handler: str, cloud: LocalCloud) -> Iterator[RuntimeApi]:
    """One of the image's functions: its entry point with a command, its user, its folder and its environment."""
    with RuntimeApi() as api, container(IMAGE) as name:
        entry = json.loads(buildah("inspect", name))["OCIv1"]["config"]["Entrypoint"]
        given = {key: value for key, value in cloud.environment.items() if key.startswith(("AWS_", "PIXTAG_"))}
        given |= {"AWS_LAMBDA_RUNTIME_API": api.address}
        settings = [f"--env={key}={value}" for key, value in given.items()]
        with subprocess.Popen(["buildah", "run", CHROOT, *settings, name, "--", *entry, handler]) as process:
            try:
                yield api
            finally:
                process.terminate()


def look() -> int:
    """Return how many modules the image has, all of them compiled; and there is nothing else, and nothing to change."""
    with container(IMAGE) as name:
        facts = buildah("run", CHROOT, name, "--", "python3", "-c", FACTS)
    modules = facts.partition(" ")[0]
    assert facts == f"{modules} {modules} 65534", facts
    return int(modules)


def timed(what: str, api: RuntimeApi, asked: Any) -> Any:
    started = time.monotonic()
    answer = api.invoke(asked)
    print(f"{time.monotonic() - started:8.2f} s   {what}")
    return answer


def rehearse() -> None:
    """Upload, work off and find through the image's two functions."""
    with (
        TemporaryDirectory() as state,
        local_cloud(Path(state), Ports.free(), quiet=True) as cloud,
        cloud.person("ada@example.com") as ada,
    ):
        cloud.worker.stop()
        access = ada.headers["Authorization"].removeprefix("Bearer ")
        with function("app.main.handler", cloud) as api, function("app.worker.handler", cloud) as worker:
            posted = timed("the API's first answer", api, event("post-multipart", token=access))
            key = Rendition.INCOMING.key(
                jwt.get_unverified_claims(access)["sub"], posted["headers"]["location"].rpartition("/")[2]
            )
            worked = timed("the worker's first answer", worker, event("sqs-upload", key=key))
            found = timed("a search", api, event("get", token=access))
        cloud.worker.start()
    assert worked == {"batchItemFailures": []}
    assert len(json.loads(found["body"])["images"]) == 1


def main() -> None:
    """Do it all; what goes wrong ends it."""
    try:
        make_bases()
        build()
        modules = look()
        rehearse()
    except FileNotFoundError as error:
        sys.exit(f"The rehearsal needs {error.filename}: apt-get install buildah debootstrap")
    except (LocalCloudError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
    print(f"The image works, as nobody, with {modules} modules, all compiled.")


if __name__ == "__main__":
    main()
