"""An injected fault: the error that tests let a call to AWS fail with."""


class InjectedFault(Exception):
    """The error that an injected fault raises."""


def fail() -> None:
    """Raise the fault."""
    raise InjectedFault
