#!/usr/bin/env bash
# A guess about a disk that Linux made read-only because of its errors, and what really happens.
#
# Versions: Linux 6.18 with ext4, Python 3.11. The script needs root and a loop device.
# Expected: after ext4 has stopped all writes (errors=remount-ro), statvfs() has the flag ST_RDONLY, and access() with
#           W_OK fails with EROFS, as on a disk that was mounted read-only.
# Seen:     statvfs() has no ST_RDONLY, access() allows writes, and /proc/mounts begins with "rw". Only an attempt to
#           create or write a file fails with EROFS. /proc/mounts also contains "emergency_ro".
# Why:      the kernel keeps this state in a flag of ext4, and no longer in the flags of the mount.
# Remedy:   to find out whether a folder can be written, create a file in it. O_TMPFILE leaves no name.
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'umount "$folder/disk" || true; rm -rf "$folder"' EXIT
mkdir "$folder/disk"
truncate -s 64M "$folder/image"
mkfs.ext4 -q "$folder/image"
mount -o loop "$folder/image" "$folder/disk"
mount -o remount,abort "$folder/disk" # as after an error of the journal

python3 - "$folder/disk" <<'PYTHON'
import errno
import os
import sys
import tempfile

disk = sys.argv[1]
is_read_only = bool(os.statvfs(disk).f_flag & os.ST_RDONLY)
is_writable = os.access(disk, os.W_OK)
try:
    with tempfile.TemporaryFile(dir=disk):
        failure = ""
except OSError as error:
    failure = errno.errorcode[error.errno]
print(f"statvfs: ST_RDONLY {is_read_only}; access: W_OK {is_writable}; creating a file: {failure or 'works'}")
sys.exit((is_read_only, is_writable, failure) != (False, True, "EROFS"))
PYTHON
