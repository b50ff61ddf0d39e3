#!/usr/bin/env bash
# A guess about asyncio and uvicorn, and what really happens.
#
# Versions: Python 3.11 to 3.13, uvicorn 0.54.0, httpx 0.28.1, on Linux.
# Expected: asyncio sets TCP_NODELAY on every TCP connection, so a keep-alive request to a local server takes about a
#           millisecond, whether uvicorn runs with or without --workers.
# Seen:     with --workers (also with --reload, and with a socket that a program passes to Server.run), connections lack
#           TCP_NODELAY. A response is written in two parts, and the second part waits for the client's delayed
#           acknowledgement: 40 ms or more per request.
# Why:      asyncio sets the option only if the socket's protocol is IPPROTO_TCP. socket.socket() leaves the protocol 0,
#           accepted connections inherit it, and uvicorn's Config.bind_socket() creates the socket in this way.
#           Without --workers, asyncio creates the socket itself, from getaddrinfo(), which returns IPPROTO_TCP.
# Remedy:   create the socket with socket.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP).
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check uvicorn==0.54.0 httpx==0.28.1

cat >application.py <<'PYTHON'
async def app(scope, receive, send):
    """Send a response of two parts, as every framework does."""
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
PYTHON

cat >measure.py <<'PYTHON'
import socket
import statistics
import subprocess
import sys
import time

import httpx


def measure(*options):
    """Return the median milliseconds of a keep-alive request to uvicorn with these options."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "application:app", "--port", str(port), "--lifespan", "off"]
    server = subprocess.Popen([*command, "--http", "h11", "--log-level", "critical", *options])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            for _ in range(200):
                try:
                    client.get("/")
                    break
                except httpx.TransportError:
                    time.sleep(0.05)
            seconds = []
            for _ in range(40):
                start = time.perf_counter()
                client.get("/").raise_for_status()
                seconds.append(time.perf_counter() - start)
    finally:
        server.terminate()
        server.wait()
    return 1000 * statistics.median(seconds)


alone, workers = measure(), measure("--workers", "2")
print(f"one process: {alone:.1f} ms per request; --workers 2: {workers:.1f} ms per request")
sys.exit(not (alone < 20 < 35 < workers))
PYTHON

venv/bin/python measure.py
