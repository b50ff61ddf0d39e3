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


def drag(touch: CDPSession, start: list[tuple[float, float]], end: list[tuple[float, float]]) -> None:
    """Put fingers on the screen, move them and lift them."""
    for step in range(11):
        share = step / 10
        points = [
            {"x": a[0] + (b[0] - a[0]) * share, "y": a[1] + (b[1] - a[1]) * share, "id": number}
            for number, (a, b) in enumerate(zip(start, end, strict=True))
        ]
        kind = "touchMove" if step else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    lift(touch)


def _send(touch: CDPSession, kind: str, x: float, y: float) -> None:
    touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
