"""Runs `pixtag doctor` on a library of a test."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.services.doctor.doctor import Doctor, Listener
from app.services.doctor.findings import Finding, Progress
from app.services.doctor.object_repair import ObjectRepair
from tests.support.libraries import Library
from tests.support.services import Services


@dataclass
class Check:
    """A complete check, or one that a listener ended with an exception.

    Attributes:
        progress: The progress at the end.
        findings: What was reported.
        saved: The progress after each step.
        advanced: The sum of the completed parts.
        measured: The parts that were expected at the start.
    """

    progress: Progress = field(default_factory=Progress)
    findings: list[Finding] = field(default_factory=list)
    saved: list[Progress] = field(default_factory=list)
    advanced: int = 0
    measured: int = 0

    @property
    def texts(self) -> list[str]:
        """The texts of the findings."""
        return [finding.text for finding in self.findings]

    def run(
        self, services: Services, *, repair: bool, verify: bool = False, act: Callable[[Progress], object] = bool
    ) -> None:
        """Check all libraries from the progress on. Act after each step."""

        def save(progress: Progress) -> None:
            self.saved.append(replace(progress))
            act(progress)

        def advance(amount: int) -> None:
            self.advanced += amount

        fix = ObjectRepair(services.stores, lambda: services.ingest) if repair else None
        doctor = Doctor(services.stores, fix, verify=verify)
        self.measured = doctor.measure(self.progress)
        doctor.run(self.progress, Listener(self.findings.append, advance, save))


def check(library: Library, *, repair: bool = False, verify: bool = False) -> Check:
    """Check all libraries, and return the result."""
    result = Check()
    result.run(library.services, repair=repair, verify=verify)
    return result
