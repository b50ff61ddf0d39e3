"""Finds images that are in albums which do not exist, and removes them from these albums."""

from collections import defaultdict
from contextlib import suppress

from app.domain.checks import Comparison, RowDifference, name_photo
from app.domain.errors import ImageNotFound
from app.domain.images import Image, ImageState
from app.domain.ports import Stores
from app.services.library import Library


class AlbumCheck:
    """Compares the albums that images name with those that exist, while people change them."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._library = Library(stores.images, stores.objects, stores.preferences)

    def check(self, owner: str, *, repair: bool) -> Comparison:
        """Return the images in albums that do not exist, and remove them from these albums.

        Images in the trash may be in deleted albums. They leave them when they are restored.
        """
        comparison = Comparison()
        for album_id, images in self._find_strays(owner).items():
            for image in images:
                text = f"The {name_photo(image.id, image).removeprefix('the ')} is in an album that does not exist."
                comparison.differences.append(RowDifference(f"album {album_id} of {image.id}", text, image.id))
                if repair:
                    with suppress(ImageNotFound):  # it was purged
                        self._library.change_album(owner, image.id, album_id, removes=True)
        return comparison

    def _find_strays(self, owner: str) -> dict[str, list[Image]]:
        """Return the images in albums that do not exist, by the id of the album.

        The worker may be about to remove the images of a deleted album. If no such work is left, they have left it.
        """
        existing = {album.id for album in self._stores.albums.list(owner)}
        suspects: dict[str, list[str]] = defaultdict(list)
        for image in self._stores.row_checks.read_images(owner):
            for album_id in {*image.albums} - existing if image.state is ImageState.READY else ():
                suspects[album_id].append(image.id)
        if not suspects:
            return {}
        existing = {album.id for album in self._stores.albums.list(owner)}
        missing = suspects.keys() - existing - self._stores.row_checks.list_busy(owner, suspects)
        return {
            album_id: [
                image
                for image in self._stores.images.find_images(owner, sorted(suspects[album_id]))
                if image.state is ImageState.READY and image.is_in_album(album_id)
            ]
            for album_id in sorted(missing)
        }
