"""Sampling of large test matrices: `make test` runs a fixed sample, `make torture` runs all cases.

Each case of a test on both stores runs on those of one machine, and a sample of the cases also on AWS.
"""

import os
from collections.abc import Sequence
from typing import Any, Final, TypeVar

import pytest

TORTURE: Final = os.environ.get("TORTURE") == "1"

T = TypeVar("T")


def rounds(quick: int, full: int) -> int:
    """Return the first number in `make test` and the second in `make torture`."""
    return full if TORTURE else quick


def sample(cases: Sequence[T], stride: int, start: int = 0) -> Sequence[T]:
    """Return one in `stride` cases from number `start` on in `make test`, at least one, and all in `make torture`."""
    return cases if TORTURE else cases[start % min(stride, len(cases) or 1) :: stride]


def on_stores(fixture: str, names: Sequence[str], cases: Sequence[Any], stride: int) -> pytest.MarkDecorator:
    """Parametrize a test with its cases on one machine, and with a sample of them on AWS.

    Args:
        fixture: The fixture of the module that takes the parameters `local` and `aws`.
        names: The other parameters of the test.
        cases: Their values, made by `pytest.param` with an id.
        stride: In `make test`, one in so many cases runs on AWS.
    """
    return pytest.mark.parametrize(
        (fixture, *names),
        [
            pytest.param(store, *case.values, id=f"{store}-{case.id}")
            for store, chosen in (("local", cases), ("aws", sample(cases, stride)))
            for case in chosen
        ],
        indirect=[fixture],
        scope="module",  # otherwise, pytest makes the fixture again for each test
    )
