"""Contains the response schema of facets."""

from pydantic import BaseModel, Field

from app.services import facets
from app.services.facets import MAX_MATCHES, MAX_TAGS


class TagFacet(BaseModel):
    """A tag in a result."""

    tag: str = Field(description="The name of the tag.", examples=["dog"])
    images: int = Field(description="The number of images with this tag.", examples=[12])


class CountFacet(BaseModel):
    """A count of a tag in a result."""

    count: int = Field(description="The count.", examples=[2])
    images: int = Field(description="The number of images in which the tag has this count.", examples=[12])


class CountFacets(BaseModel):
    """The counts of one tag in a result."""

    tag: str = Field(description="The name of the tag.", examples=["person"])
    counts: list[CountFacet] = Field(description="Lowest count first. Images without the tag are left out.")


class YearFacet(BaseModel):
    """A year in a result."""

    year: int = Field(description="The year.", examples=[2019])
    images: int = Field(description="The number of images that were taken in this year.", examples=[12])


class Facets(BaseModel):
    """What the images of a result have in common."""

    images: int = Field(description=f"The number of images that were counted: at most {MAX_MATCHES}.", examples=[42])
    exact: bool = Field(description="Whether these are all matches. If not, they are the newest ones.", examples=[True])
    tags: list[TagFacet] = Field(
        description=f"Up to {MAX_TAGS} tags, most frequent first. The tags that the query requires are left out."
    )
    counts: CountFacets | None = Field(description="The counts of the requested tag. Null if none was requested.")
    years: list[YearFacet] = Field(description="Latest year first. Implausible capture times are left out.")


def to_facets(found: facets.Facets, tag: str | None) -> Facets:
    """Return facets as a response."""
    counts = [CountFacet(count=count, images=images) for count, images in found.counts]
    return Facets(
        images=found.images,
        exact=found.is_exact,
        tags=[TagFacet(tag=name, images=images) for name, images in found.tags],
        counts=None if tag is None else CountFacets(tag=tag, counts=counts),
        years=[YearFacet(year=year, images=images) for year, images in found.years],
    )
