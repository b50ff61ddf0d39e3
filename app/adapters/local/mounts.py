"""Finds out whether a folder is on a network file system."""

import re
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/proc/self/mountinfo")

# SQLite's locks, its shared memory and fsync do not work reliably on these file systems.
NETWORK_TYPES: Final = frozenset(
    {
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "davfs",
        "fuse.ceph",
        "fuse.davfs2",
        "fuse.gcsfuse",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "smb3",
        "smbfs",
    }
)


def find_network_type(folder: Path, mounts: Path = MOUNTS) -> str:
    """Return the type of the network file system that contains the folder, or an empty text for a local one.

    On systems without `/proc`, the text is always empty.

    Source: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
    """
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return ""
    types = {Path(_unescape(line.split()[4])): line.partition(" - ")[2].split()[0] for line in lines}
    resolved = folder.resolve()
    kind = next((types[path] for path in (resolved, *resolved.parents) if path in types), "")
    return kind if kind in NETWORK_TYPES else ""


def _unescape(path: str) -> str:
    r"""Return a path of mountinfo, in which a space is `\040`."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)
