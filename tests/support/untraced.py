"""Keeps coverage's trace function out of libraries that do most of the work of most tests.

Up to Python 3.13 coverage traces every library and then discards the result, which doubles the time of a call of moto.
From Python 3.14 on coverage uses `sys.monitoring`, and there is no trace function.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def untraced(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function. Neither it nor what it calls is traced."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(tracer)

    return run
