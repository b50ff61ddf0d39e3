"""Defines the schemas of exports in the COCO object detection format (https://cocodataset.org/#format-data)."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.api.detection_schemas import BoxSource
from app.api.schemas import CAPTURE_TIME_FORMS
from app.domain.ids import EXAMPLE_ID
from detector.metadata.values import TimeSource


class CocoInfo(BaseModel):
    """Information about the document."""

    description: str = Field(description="What the document contains.", examples=["A page of a PixTag library"])
    url: str = Field("", description="Always empty.", examples=[""])
    version: str = Field(description="The PixTag version.", examples=["0.10.0"])
    year: int = Field(description="The year of the export.", examples=[2026])
    contributor: str = Field("", description="Always empty.", examples=[""])
    date_created: datetime = Field(description="When the page was exported.", examples=["2026-01-31T16:20:00Z"])


class CocoImage(BaseModel):
    """An image. `date_captured_source`, and the fields from `pixtag_id` on, extend the COCO format."""

    id: int = Field(description="Starts at 1 in each document.", examples=[1])
    file_name: str = Field(
        description="The name of the image. If another image in the document has the same name, also with another "
        "ending, a number is added: `beach-2.jpg`.",
        examples=["beach.jpg"],
    )
    width: int = Field(description="The width of the upright image in pixels.", examples=[4032])
    height: int = Field(description="The height of the upright image in pixels.", examples=[3024])
    date_captured: str = Field(
        description=f"When the photo was taken, or uploaded if that is unknown. {CAPTURE_TIME_FORMS}",
        examples=["2019-07-28T01:03:00+09:00"],
    )
    date_captured_source: TimeSource = Field(description="Where `date_captured` comes from.", examples=["exif"])
    pixtag_id: str = Field(description="The id of the image in your library.", examples=[EXAMPLE_ID])
    model: str = Field(
        description="The name and version of the model that detected the objects.", examples=["yolov3-tiny@dccea06f"]
    )
    tags: dict[str, int] = Field(
        description="All tags of the image and their counts, including edited counts.",
        examples=[{"person": 2, "dog": 1}],
    )
    favourite: bool = Field(description="Whether you marked the image as a favourite.", examples=[True])
    albums: list[str] = Field(
        description="The titles of the albums that contain the image.", examples=[["Summer 2019"]]
    )


class CocoAnnotation(BaseModel):
    """An object in an image. `score` and `source` extend the COCO format."""

    id: int = Field(description="Starts at 1 in each document.", examples=[1])
    image_id: int = Field(description="The `id` of the image in this document.", examples=[1])
    category_id: int = Field(description="The `id` of the category in this document.", examples=[1])
    segmentation: list[list[float]] = Field(
        [], description="Always empty, because boxes have no outlines.", examples=[[]]
    )
    bbox: list[float] = Field(
        min_length=4,
        max_length=4,
        description="Left, top, width and height in pixels of the upright original.",
        examples=[[102.5, 64.0, 220.3, 310.8]],
    )
    area: float = Field(description="The area of the bounding box in square pixels.", examples=[68469.24])
    iscrowd: int = Field(0, description="Always 0, because each bounding box contains one object.", examples=[0])
    score: float = Field(description="The model's confidence, from 0 to 1. 1 for a box that you drew.", examples=[0.87])
    source: BoxSource = Field(
        description="`model` if the model detected the object, `person` if you drew the box.", examples=["model"]
    )


class CocoCategory(BaseModel):
    """A tag that has boxes in the document."""

    id: int = Field(description="Starts at 1 in each document.", examples=[1])
    name: str = Field(description="The name of the tag.", examples=["person"])
    supercategory: str = Field("", description="Always empty.", examples=[""])


class CocoDocument(BaseModel):
    """A page of the library in the COCO object detection format (https://cocodataset.org/#format-data)."""

    info: CocoInfo = Field(description="The origin of the document.")
    licenses: list[dict[str, str]] = Field(description="Always empty.", examples=[[]])
    images: list[CocoImage] = Field(description="The images of this page.")
    annotations: list[CocoAnnotation] = Field(description="The objects in these images.")
    categories: list[CocoCategory] = Field(description="The tags of these objects.")
