"""Opens the port of the API. If it is taken, finds out by which process."""

import errno
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from app.domain.errors import StartFailed

HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8000
BACKLOG: Final = 128  # asyncio logs up to this number of errors per second if no file descriptor is left

_PROC: Final = Path("/proc")
_LISTENING: Final = "0A"  # TCP_LISTEN in the Linux kernel


def listen(port: int) -> socket.socket:
    """Return a socket that listens on the port of this machine. 0 chooses a free port.

    Raises:
        StartFailed: the port cannot be used. The message names the process that uses it, if it can be found.
    """
    # asyncio sets TCP_NODELAY only if the protocol is given. Otherwise, a request takes 40 ms longer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        reason = f"is in use{_describe_owner(port)}" if error.errno == errno.EADDRINUSE else f"failed: {error.strerror}"
        other = 8001 if port == DEFAULT_PORT else DEFAULT_PORT
        raise StartFailed(
            f"Port {port} {reason}. Choose another: `pixtag run --port {other}` or `make run PORT={other}`."
        ) from error
    return listening


def _describe_owner(port: int) -> str:
    """Return the name and the id of the process that listens on the port, as the end of a sentence.

    The text is empty if the process belongs to another user, or if this system has no `/proc`.
    """
    sockets = {f"socket:[{inode}]" for inode in _list_inodes(port)}
    for process in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            if any(str(descriptor.readlink()) in sockets for descriptor in (process / "fd").iterdir()):
                return f" by process {process.name} ({(process / 'comm').read_text().strip()})"
    return ""


def _list_inodes(port: int) -> Iterator[str]:
    """Yield the inodes of the sockets that listen on the port.

    Source: https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
    """
    for name in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (_PROC / "net" / name).read_text().splitlines()[1:]:
                _, local_address, _, state, *_, inode = line.split()[:10]
                if state == _LISTENING and int(local_address.rpartition(":")[2], 16) == port:
                    yield inode
