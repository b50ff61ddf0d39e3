"""Fingers on the screen, through Chromium's debugging protocol."""

from playwright.sync_api import CDPSession


def hold(touch: CDPSession, x: float, y: float) -> None:
    """Put a finger on the screen, and leave it there."""
    _send(touch, "touchStart", x, y)


def move(touch: CDPSession, x: float, y: float) -> None:
    """Move the finger that is on the screen."""
    _send(touch, "touchMove", x, y)


def lift(touch: CDPSession) -> None:
    """Lift all fingers."""
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def swipe_up(touch: CDPSession, x: float, y: float) -> None:
    """Scroll the page with a finger."""
    hold(touch, x, y)
    for step in range(1, 11):
        move(touch, x, y - 30 * step)
    lift(touch)


def _send(touch: CDPSession, kind: str, x: float, y: float) -> None:
    touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
