"""Checks and repairs libraries for `pixtag doctor`."""

import os
import sys
from pathlib import Path
from typing import Final

from app import wiring
from app.cli.options import describe_command
from app.cli.progress import show_progress
from app.cli.progress_file import ProgressFile
from app.domain.errors import PixTagError, StartFailed
from app.services.doctor.doctor import Doctor, Listener
from app.services.doctor.findings import Finding, Progress
from app.services.doctor.object_repair import ObjectRepair
from app.settings import LocalSettings, Settings

_INTERRUPTED: Final = "The check is not complete. Run the same command again to continue it."


def check_libraries(*, repair: bool, verify: bool) -> bool:
    """Check all libraries, or continue an interrupted check. Return whether nothing is wrong, or all was repaired.

    Raises:
        StartFailed: the library does not exist, or its restore is not finished.
    """
    stores = wiring.stores()
    if wiring.find_local_settings():
        wiring.local_stores().folder.require_library()
    wiring.require_restored()
    doctor = Doctor(stores, ObjectRepair(stores, wiring.ingest) if repair else None, verify=verify)
    file = ProgressFile(find_progress_file(wiring.settings()), {"repair": repair, "verify": verify})
    progress = file.load()
    if progress.owner:
        print("Continuing the check that was interrupted.")

    def report(finding: Finding) -> None:
        print(describe(doctor.name_owner(finding.owner), finding, is_repair=repair), flush=True)

    try:
        with file, show_progress("Check", doctor.measure(progress)) as advance:
            doctor.run(progress, Listener(report, advance, file.save))
    except (KeyboardInterrupt, PixTagError, StartFailed, *wiring.STORE_FAILURES):
        print(_INTERRUPTED, file=sys.stderr)
        raise
    print(summarize(progress, is_repair=repair))
    return progress.is_clean


def find_progress_file(settings: Settings) -> Path:
    """Return the file for the progress: in the data folder, or for AWS in the folder for the state of programs."""
    if isinstance(settings, LocalSettings):
        return settings.data / "doctor.json"
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "pixtag" / f"doctor-{settings.table}.json"


def describe(owner: str, finding: Finding, *, is_repair: bool) -> str:
    """Return a finding as one line."""
    outcome = "" if finding.is_note or not is_repair else " Repaired." if finding.is_repaired else " Not repaired."
    return f"{owner}: {finding.text}{outcome}{f' {finding.advice}' if finding.advice else ''}"


def summarize(progress: Progress, *, is_repair: bool) -> str:
    """Return the result of a check."""
    libraries = f"{progress.libraries:,} librar{'y' if progress.libraries == 1 else 'ies'}"
    photos = f"{progress.photos:,} photo{'' if progress.photos == 1 else 's'}"
    checked = f"Checked {libraries} with {photos}."
    if not progress.found:
        return f"{checked} Everything is in order."
    found = f"{checked} {progress.found:,} difference{'' if progress.found == 1 else 's'}"
    if is_repair:
        return f"{found}, {progress.repaired:,} repaired."
    return f"{found}. `{describe_command('doctor', '--repair')}` repairs what can be repaired."
