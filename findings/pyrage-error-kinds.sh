#!/usr/bin/env bash
# pyrage 1.4.0 reports one kind of fault with different exceptions, and hides the error of a full disk.
#
# Expected: a damaged or cut age file raises pyrage.DecryptError, wherever the damage is. An OSError of the output file,
# such as "no space left", reaches the caller with its errno.
# Observed: decrypt_io raises DecryptError for damage in the header, but an OSError without errno for damage in the
# content. So `except DecryptError` misses most damage, and `except OSError` takes it for a failed disk. encrypt_io
# converts an OSError of the output file to an EncryptError that has neither its errno nor its cause.
#
# Source: https://github.com/woodruffw/pyrage
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyrage==1.4.0

"$folder/venv/bin/python" - <<'EOF'
import errno
import io
import sys
from importlib.metadata import version

import pyrage

identity = pyrage.x25519.Identity.generate()
encrypted = io.BytesIO()
pyrage.encrypt_io(io.BytesIO(bytes(200_000)), encrypted, [identity.to_public()])
complete = encrypted.getvalue()


def decrypt(data):
    try:
        pyrage.decrypt_io(io.BytesIO(data), io.BytesIO(), [identity])
    except Exception as error:
        return f"{type(error).__name__}, errno {getattr(error, 'errno', 'missing')}"
    return "no error"


class FullDisk(io.RawIOBase):
    def writable(self):
        return True

    def write(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")


def encrypt_to_full_disk():
    try:
        pyrage.encrypt_io(io.BytesIO(bytes(200_000)), FullDisk(), [identity.to_public()])
    except Exception as error:
        return f"{type(error).__name__}, errno {getattr(error, 'errno', 'missing')}, cause {error.__cause__}"
    return "no error"


altered = bytearray(complete)
altered[100_000] ^= 1
observed = {
    "cut in the header": decrypt(complete[:100]),
    "cut in the content": decrypt(complete[:-1]),
    "altered content": decrypt(bytes(altered)),
    "full disk": encrypt_to_full_disk(),
}
expected = {
    "cut in the header": "DecryptError, errno missing",
    "cut in the content": "OSError, errno None",
    "altered content": "OSError, errno None",
    "full disk": "EncryptError, errno missing, cause None",
}
print("pyrage", version("pyrage"))
for case, result in observed.items():
    print(f"{case}: {result}")
sys.exit(observed != expected)
EOF
