"""Runs a Python module as a program that ends with the process that started it, however that process ends.

Usage: `python -m infra.local.child MODULE [ARGUMENT…]`. The other process keeps the standard input open. Emulators run
this module with their own Python, so it imports only the standard library.
"""

import os
import runpy
import sys
import threading


def main() -> None:
    """Run the module in this process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
