"""Defines the errors of requests, whatever they are about."""

from app.domain.errors.base import PixTagError


class InvalidRequest(PixTagError):
    """The request does not match its schema.

    Attributes:
        pointer: The location of the fault, as a path into the request.
        fault: A description of the fault.
    """

    def __init__(self, pointer: str, fault: str) -> None:
        super().__init__(f"The request is not valid: {pointer}: {fault}")
        self.pointer = pointer
        self.fault = fault


class InvalidPrecondition(PixTagError):
    """`If-Match` or `If-None-Match` is not a list of entity tags."""

    def __init__(self, header: str, advice: str) -> None:
        super().__init__(f"The header `{header}` is not valid. {advice}")


class PreconditionFailed(PixTagError):
    """The condition in a header of the request is not true."""

    def __init__(self, header: str) -> None:
        super().__init__(f"The condition in `{header}` is not true. Read the current state without this header.")


class IdempotencyKeyReused(PixTagError):
    """The Idempotency-Key was already used for a different request."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was already used for a different request. Send a new key.")


class CsrfHeaderMissing(PixTagError):
    """The request does not have the header `X-PixTag: 1`."""

    def __init__(self) -> None:
        super().__init__("Send the header `X-PixTag: 1`. It proves that no other site sent the request.")


class OriginBypassed(PixTagError):
    """The request bypassed CloudFront, which this deployment requires."""

    def __init__(self) -> None:
        super().__init__("PixTag does not accept requests at this URL. Use the URL of this deployment's web UI.")


class ForeignHost(PixTagError):
    """The request names a host that is not this PixTag."""

    def __init__(self, address: str) -> None:
        advice = f"Use {address}." if address else "Use 127.0.0.1. For a public address, set PIXTAG_URL."
        super().__init__(f"PixTag does not accept requests for this host name. {advice}")


class ForeignOrigin(PixTagError):
    """Another web site sent the request."""

    def __init__(self) -> None:
        super().__init__("PixTag does not accept requests from other web sites. Open PixTag itself.")


class UiNotBuilt(PixTagError):
    """This installation does not include the web UI."""

    def __init__(self) -> None:
        super().__init__(
            "This installation does not include the web UI. In a checkout, `make setup` builds it."
            " The API works without it. Its documentation is at /docs."
        )


class AssetNotFound(PixTagError):
    """This release of the web UI has no such file."""

    def __init__(self) -> None:
        super().__init__("This release of PixTag has no such file. Reload the page.")
