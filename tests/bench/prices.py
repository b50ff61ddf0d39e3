"""AWS's prices in us-east-1 in dollars, as published on `DATED`, without free tiers except Cognito's."""

from typing import Final

DATED: Final = "2026-11-25"
PAGES: Final = "https://aws.amazon.com/{}/pricing/"

GB: Final = 10**9
MILLION: Final = 10**6

PRICES: Final[dict[str, tuple[float, str, str]]] = {  # dollars, item, and the service whose pricing page has it
    "x86_64": (0.0000166667, "a GB-second on x86", "lambda"),
    "arm64": (0.0000133334, "a GB-second on Arm", "lambda"),
    "invocation": (0.20 / MILLION, "an invocation", "lambda"),
    "write": (0.625 / MILLION, "a write unit, on demand", "dynamodb"),
    "read": (0.125 / MILLION, "a read unit, on demand", "dynamodb"),
    "rows": (0.25 + 0.20, "a GB of rows for a month, with point-in-time recovery", "dynamodb"),
    "put": (0.005 / 1000, "a PUT, POST, COPY or LIST", "s3"),
    "get": (0.0004 / 1000, "a GET", "s3"),
    "objects": (0.023, "a GB of objects for a month (the first 50 TB)", "s3"),
    "message": (0.40 / MILLION, "a request to a standard queue", "sqs"),
    "mail": (2.00 / 100_000, "a notification by e-mail", "sns"),
    "publish": (0.50 / MILLION, "a publish", "sns"),
    "request": (1.00 / MILLION, "a request to an HTTP API, per 512 KB", "api-gateway"),
    "log": (0.50 + 0.03, "a GB of log, taken in and kept for a month", "cloudwatch"),
    "metric": (0.30, "a custom metric for a month", "cloudwatch"),
    "alarm": (0.10, "an alarm for a month", "cloudwatch"),
    "trace": (5.00 / MILLION, "a recorded trace", "xray"),
    "transfer": (0.09, "a GB that leaves AWS (the first 10 TB a month)", "ec2/on-demand"),
    "user": (0.015, "a user who signs in within the month (Essentials), beyond 10,000", "cognito"),
    "label": (1.00 / 1000, "DetectLabels, each of the first million a month", "rekognition"),
}

FREE_USERS: Final = 10_000
LABEL_TIERS: Final = ((1 * MILLION, 0.001), (5 * MILLION, 0.0008), (35 * MILLION, 0.0006), (float("inf"), 0.00025))


def price(name: str) -> float:
    """Return the price of one item."""
    return PRICES[name][0]


def rekognition_cost(images: float) -> float:
    """Return the price of DetectLabels for this number of images in a month, by its tiers."""
    total = tier_start = 0.0
    for tier_end, image_price in LABEL_TIERS:
        total += max(0.0, min(images, tier_end) - tier_start) * image_price
        tier_start = tier_end
    return total


def cognito_cost(active_users: float) -> float:
    """Return the price of Cognito for this number of users who sign in within a month."""
    return max(0.0, active_users - FREE_USERS) * price("user")
