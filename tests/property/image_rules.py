"""Rules that upload, ingest, edit and delete single images."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from app.domain.edits import TagChange
from app.domain.errors import ImageChanged, ImageNotFound, InvalidState
from app.domain.images import STORED, ImageState, RequestId, make_tombstone
from app.domain.tags import apply_edits
from app.domain.uploads import Upload
from app.services.bulk_library import BulkLibrary
from tests.property.library_model import KEYWORD_TAGS, NAMES, PHOTOS, TAGS, LibraryModel, images, owners, tags

MAX_COUNT_TO_ADD = 900


class ImageRules(LibraryModel):
    """Operations on single images."""

    @rule(target=images, owner=owners)
    def offer(self, owner: str) -> tuple[str, str]:
        image, _ = self.ingest.offer(owner, name="a.png", media_type="image/png", size=1)
        self.expected[owner, image.id] = image
        return owner, image.id

    @rule(
        target=images,
        owner=owners,
        data=st.sampled_from([*PHOTOS, b"not a photo"]),
        name=st.sampled_from(sorted(NAMES)),
    )
    def upload(self, owner: str, data: bytes, name: str) -> tuple[str, str]:
        image = self.ingest.receive(owner, Upload(data, "image/png", name), max_bytes=10_000)
        self.expected[owner, image.id] = image
        self.uploads[owner, image.id] = data
        return owner, image.id

    @rule(key=images, sees=tags)
    def deliver(self, key: tuple[str, str], sees: dict[str, int]) -> None:
        self.detector.sees = sees

        now = self.ingest.ingest(*key)

        if key in self.deleted:
            assert now is None
            return
        assert now
        before = self.expected[key]
        twin = self.find_twin(key)
        if before.state is not ImageState.PENDING or key not in self.uploads:
            assert now == before
        elif twin:
            assert (now.state, now.duplicate_of) == (ImageState.GONE, twin.id)
            assert self.learn((twin.owner, twin.id)) == replace(
                twin,
                state=ImageState.READY,
                trashed_at=None,
                version=twin.version + (twin.state is ImageState.TRASHED),
                undone_to=0 if twin.state is ImageState.TRASHED else twin.undone_to,
            )
        elif self.uploads[key] in PHOTOS:
            tags = apply_edits(sees, before.edits, KEYWORD_TAGS[self.uploads[key]])
            assert (now.state, now.tags, now.taken) == (ImageState.READY, tags, NAMES[now.name])
        else:
            assert now.state is ImageState.FAILED
        self.learn(key, now)

    @rule(key=images, tag=st.sampled_from(TAGS), count=st.none() | st.integers(1, 3), removes=st.booleans())
    def retag(self, key: tuple[str, str], tag: str, count: int | None, removes: bool) -> None:  # noqa: FBT001
        before = self.expected[key]
        change = TagChange(tag, count, removes)
        if before.state is not ImageState.READY:
            return

        changed = self.library.retag(*key, [change])

        now = self.learn(key)
        assert changed is (now != before)
        assert now.tags.get(tag, 0) == change.apply(before.tags.get(tag, 0))
        assert {**now.tags, tag: 0} == {**before.tags, tag: 0}

    @rule(owner=owners, tag=st.sampled_from(TAGS))
    def retag_all(self, owner: str, tag: str) -> None:
        """Add a tag to all ready images in one request."""
        before = {
            key: image
            for key, image in self.expected.items()
            if key[0] == owner and image.state is ImageState.READY and image.tags.get(tag, 0) <= MAX_COUNT_TO_ADD
        }
        stores = self.services
        ids = [image_id for _, image_id in before]
        library = BulkLibrary(stores.images, stores.objects, stores.preferences, owner, ids)

        for key, image in before.items():
            assert library.retag(*key, [TagChange(tag, 1)])
            assert self.learn(key).tags == {**image.tags, tag: image.tags.get(tag, 0) + 1}

    @rule(key=images, request=st.builds(RequestId, st.sampled_from("ab"), st.just("body")), tag=st.sampled_from(TAGS))
    def retag_once(self, key: tuple[str, str], request: RequestId, tag: str) -> None:
        before = self.expected[key]
        if before.state is not ImageState.READY or before.tags.get(tag, 0) > MAX_COUNT_TO_ADD:
            return

        assert self.library.retag(*key, [TagChange(tag, 1)], request)

        is_repeated = request in self.requests[key]
        self.requests[key].add(request)
        assert self.learn(key).tags.get(tag, 0) == before.tags.get(tag, 0) + (not is_repeated)

    @rule(key=images, old=st.sampled_from(TAGS), new=st.sampled_from(TAGS))
    def rename(self, key: tuple[str, str], old: str, new: str) -> None:
        before = self.expected[key]
        if before.state is not ImageState.READY:
            return

        self.library.rename_tag(*key, old, new)

        counts = {tag: before.tags.get(tag, 0) for tag in TAGS}
        moved = counts.pop(old)
        counts = {**counts, new: counts.get(new, 0) + moved} if moved else counts
        now = self.learn(key)
        assert now.tags == {tag: count for tag, count in counts.items() if count}
        if moved and old != new:
            others = {tag: count for tag, count in before.certain.items() if tag not in {old, new}}
            certain = before.certain.get(old, 0) + before.certain.get(new, 0)
            assert {tag: count for tag, count in now.certain.items() if tag != new} == others
            assert certain <= now.certain.get(new, 0) <= now.tags[new]

    @rule(key=images, sees=tags)
    def redetect(self, key: tuple[str, str], sees: dict[str, int]) -> None:
        before = self.expected[key]
        if before.state is ImageState.FAILED or before.duplicate_of:
            return
        self.detector.sees = sees
        if before.state is ImageState.READY:
            self.ingest.redetect(*key)
            self.check_redetected(key)
        else:
            with pytest.raises((InvalidState, ImageNotFound)):
                self.ingest.redetect(*key)

    @rule(owner=owners, data=st.sampled_from(PHOTOS))
    def find_known_photo(self, owner: str, data: bytes) -> None:
        image = self.ingest.duplicates.find_known(owner, hashlib.sha256(data).hexdigest())

        expected: set[str | None] = {
            image_id
            for (other, image_id), each in self.expected.items()
            if other == owner and each.state in STORED and self.uploads.get((other, image_id)) == data
        }
        assert {image.id if image else None} == (expected or {None})
        if image:
            assert self.learn((owner, image.id)).state is ImageState.READY

    @rule(key=images)
    def trash(self, key: tuple[str, str]) -> None:
        before = self.expected[key]
        if before.duplicate_of:
            return
        if before.state is ImageState.GONE:
            with pytest.raises(ImageNotFound):
                self.library.trash(*key)
            return

        assert self.library.trash(*key) is (before.state is not ImageState.TRASHED)

        now = self.learn(key)
        assert now.state is (ImageState.TRASHED if before.state in STORED else ImageState.GONE)

    @rule(key=images)
    def restore(self, key: tuple[str, str]) -> None:
        before = self.expected[key]
        if before.state in STORED:
            assert self.library.restore(*key) is (before.state is ImageState.TRASHED)

            assert self.learn(key).state is ImageState.READY

    @rule(key=images, at_once=st.booleans())
    def purge(self, key: tuple[str, str], at_once: bool) -> None:  # noqa: FBT001
        before = self.expected[key]
        if before.state is ImageState.TRASHED:
            if at_once:
                assert self.library.purge_all(key[0], [key[1]]) == {key[1]: None}
            else:
                self.library.purge(*key)

            assert self.learn(key) == replace(make_tombstone(before), version=before.version + 1)

    @rule(key=images)
    def save_outdated_image(self, key: tuple[str, str]) -> None:
        outdated = replace(self.expected[key], version=self.expected[key].version + 1)

        with pytest.raises(ImageChanged):
            self.images.save(outdated, outdated)
