"""Checks one library after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from app.domain.backups import Source
from app.domain.checks import Comparison, name_photo
from app.domain.errors import FolderUnreadable
from app.domain.ids import Rendition
from app.domain.images import ImageState
from app.domain.ports import Stores
from app.services.doctor.album_check import AlbumCheck
from app.services.doctor.findings import Finding, Progress
from app.services.doctor.match_check import MatchCheck
from app.services.doctor.object_check import ObjectCheck
from app.services.doctor.object_repair import ObjectRepair
from app.services.doctor.similar_check import SimilarCheck

MAX_REPAIRS: Final = 3  # of the rows of a library in use


@dataclass(frozen=True, slots=True)
class Listener:
    """Functions that are called during a check.

    Attributes:
        report: Is called with each finding.
        advance: Is called with each completed part of `Doctor.measure`.
        save: Is called with the progress from which an interrupted check could continue.
    """

    report: Callable[[Finding], None]
    advance: Callable[[int], None]
    save: Callable[[Progress], None]


class Doctor:
    """Compares libraries with their images.

    Args:
        stores: The stores.
        repair: Repairs objects. If it is None, nothing is repaired.
        verify: Whether to read the bytes of all objects.
    """

    def __init__(self, stores: Stores, repair: ObjectRepair | None, *, verify: bool) -> None:
        self._stores = stores
        self._repairs = repair is not None
        self._objects = ObjectCheck(stores, repair, verify=verify)
        self._albums = AlbumCheck(stores)
        self._matches = MatchCheck(stores)
        self._similar = SimilarCheck(stores)
        self._verify = verify
        self._owners = sorted(stores.row_checks.list_owners() | stores.objects.list_owners())
        self._accounts = {account.owner: account.email for account in stores.backups.list_accounts()}

    def measure(self, progress: Progress) -> int:
        """Return about how much is left of the check: two for each photo, and the bytes that are read."""
        usages = [self._stores.quotas.usage(owner) for owner in self._owners if owner >= progress.owner]
        return sum(2 * usage.images + (usage.bytes if self._verify else 0) for usage in usages)

    def name_owner(self, owner: str) -> str:
        """Return the e-mail address of an owner. Without an account, return the owner."""
        return self._accounts.get(owner, owner)

    def run(self, progress: Progress, listener: Listener) -> None:
        """Check all libraries from a progress on. Update the progress, and inform the listener."""
        for owner in self._owners:
            if owner < progress.owner or (owner == progress.owner and progress.is_complete):
                continue
            progress.begin(owner)
            if not self._stores.outbox.has_account_deletion(owner):  # the worker deletes everything
                self._check_library(owner, progress, listener)
                progress.libraries += 1
            progress.is_complete = True
            listener.save(progress)

    def _check_library(self, owner: str, progress: Progress, listener: Listener) -> None:
        """Check a library. If one of its folders cannot be read, report it, so that the other libraries are checked."""
        try:
            self._check_all(owner, progress, listener)
        except FolderUnreadable as error:
            text = (
                f"The folder {error.folder} in the data folder cannot be read: {error.fault}. So the files of this"
                " library were not checked."
            )
            advice = "Check the disk and the permissions of the folder, then run the command again."
            _add(progress, Finding(owner, text, advice=advice), listener)

    def _check_all(self, owner: str, progress: Progress, listener: Listener) -> None:
        if not progress.has_rows:
            for finding in self._check_rows(owner, listener.advance):
                _add(progress, finding, listener)
            progress.has_rows = True
            listener.save(progress)
        for photos, findings in self._objects.check(owner, progress.image_id, listener.advance):
            for finding in findings:
                if finding.is_earlier:
                    progress.earlier += 1
                else:
                    _add(progress, finding, listener)
            progress.photos += sum(1 for photo in photos if photo.image and photo.image.state is not ImageState.GONE)
            progress.image_id = photos[-1].id
            listener.save(progress)
        if progress.earlier:
            _add(progress, self._describe_earlier(owner, progress.earlier), listener)

    def _describe_earlier(self, owner: str, number: int) -> Finding:
        """Return the finding about photos whose large thumbnails earlier versions of PixTag have not made."""
        text = f"Large thumbnails that PixTag 0.4 and earlier versions did not make: {number:,}."
        if self._repairs:
            return Finding(owner, text, is_repaired=True)
        return Finding(owner, text, advice="Nothing is lost. `pixtag doctor --repair` makes them.", is_note=True)

    def _check_rows(self, owner: str, advance: Callable[[int], None]) -> list[Finding]:
        """Compare the rows of an owner with the images, and repair them. An account may be deleted during the check."""
        first = last = self._stores.row_checks.compare(owner, advance)
        for _ in range(MAX_REPAIRS if self._repairs else 0):
            if not last.differences:
                break
            self._stores.row_checks.repair(owner)
            last = self._stores.row_checks.compare(owner, lambda _: None)
        strays = self._albums.check(owner, repair=self._repairs)
        left = self._albums.check(owner, repair=False) if self._repairs and strays.differences else strays
        matches = Comparison() if last.damaged else self._matches.check(owner, repair=self._repairs)
        similar = self._similar.check(owner, repair=self._repairs)
        ungrouped = self._similar.check(owner, repair=False) if self._repairs and similar.differences else similar
        findings = [
            *self._require_account(owner),
            *self._end_stray_access(owner),
            *self._list_damaged(owner, last.damaged),
            *self._list_findings(owner, first, last),
            *self._list_findings(owner, strays, left),
            *self._list_findings(owner, matches, Comparison(unsettled=matches.unsettled) if self._repairs else matches),
            *self._list_findings(owner, similar, ungrouped),
        ]
        return [] if findings and self._stores.outbox.has_account_deletion(owner) else findings

    def _list_findings(self, owner: str, first: Comparison, last: Comparison) -> Iterator[Finding]:
        """Yield the differences of the first comparison, and those that remain after the repair."""
        remaining = {difference.subject for difference in last.differences}
        found = {difference.subject for difference in first.differences}
        for difference in first.differences:
            is_repaired = self._repairs and difference.subject not in remaining
            yield Finding(owner, difference.text, is_repaired=is_repaired)
        for difference in last.differences:
            if difference.subject not in found:
                yield Finding(owner, difference.text)
        for subject in last.unsettled:
            text = f"PixTag could not compare {subject}, because it changed all the time."
            yield Finding(owner, text, advice="Run the command again later.", is_note=True)

    def _list_damaged(self, owner: str, image_ids: list[str]) -> Iterator[Finding]:
        advice = "Restore the table to an earlier time."
        if self._stores.backups.source is Source.LOCAL:
            advice = "Go back to a copy of the database with `pixtag recover COPY`."
        for image_id in image_ids:
            yield Finding(
                owner,
                f"The database entry of {name_photo(image_id, None)} is damaged. The totals, the usage and the numbers"
                " of matches of this library depend on it and were not compared.",
                advice=advice,
            )

    def _require_account(self, owner: str) -> Iterator[Finding]:
        if owner in self._accounts or not self._has_photos(owner):
            return
        is_local = self._stores.backups.source is Source.LOCAL
        advice = f"Run `pixtag user add ADDRESS --owner {owner}`." if is_local else ""
        yield Finding(owner, "These photos have no account.", advice=advice)

    def _end_stray_access(self, owner: str) -> Iterator[Finding]:
        """Yield findings if an owner without an account has API keys or shares, which would work forever.

        A repair ends them. PixTag ends those of an account before the account. Other programs can delete users of the
        user pool.
        """
        stores = self._stores
        for name, store in (("API key", stores.api_keys), ("share", stores.shares)):
            if owner not in self._accounts and (stray := store.list(owner)):
                if self._repairs:
                    store.delete_all(owner)
                text = f"1 {name} has" if len(stray) == 1 else f"{len(stray)} {name}s have"
                yield Finding(owner, f"{text} no account.", is_repaired=self._repairs)

    def _has_photos(self, owner: str) -> bool:
        keys = (key for rendition in Rendition for key in self._stores.objects.list_keys(rendition.key(owner, "")))
        return any(self._stores.images.list_ids(owner)) or any(keys)


def _add(progress: Progress, finding: Finding, listener: Listener) -> None:
    progress.count(finding)
    listener.report(finding)
