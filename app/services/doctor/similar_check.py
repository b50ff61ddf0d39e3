"""Finds images that are not in the group of their copies, and repairs the groups."""

from app.domain.checks import Comparison, RowDifference, name_photo
from app.domain.ports import Stores
from app.domain.similar_images import find_links, link_similar


class SimilarCheck:
    """Compares each image with those of similar pictures. A group follows from no image alone."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def check(self, owner: str, *, repair: bool) -> Comparison:
        """Return the images that lack the group of their copies. Repair their groups."""
        similar = self._stores.images.similar
        comparison = Comparison()
        for image in self._stores.row_checks.read_images(owner):
            missing, _ = find_links(similar, image)
            if not any(each.id == image.id for each in missing):
                continue
            text = f"The {name_photo(image.id, image).removeprefix('the ')} is not in the group of its copies."
            comparison.differences.append(RowDifference(f"copies of {image.id}", text, image_id=image.id))
            if repair:
                link_similar(similar, image)
        return comparison
