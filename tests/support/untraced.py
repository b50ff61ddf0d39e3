"""Keeps coverage's trace function out of botocore and moto, which do most of the work of most tests.

Up to Python 3.11 coverage has to trace whatever runs, only to throw away what it was not asked for. That doubles the
time of every call of moto. From Python 3.12 on coverage uses `sys.monitoring`, and there is nothing to keep out.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def untraced(function: Callable[P, R]) -> Callable[P, R]:
    """The function, run without a trace function: whatever it calls runs at full speed."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(tracer)

    return run
