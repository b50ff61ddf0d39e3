"""Creates upload forms and uploads in parts, and receives small files."""

from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, Field

from app.api.auth import CurrentUser, Uploader
from app.api.dependencies import IngestDep, ObjectsDep, PartUploadsDep
from app.api.file_forms import ReceivedFile, describe_file
from app.api.metadata_schemas import UploadMetadata
from app.api.problems import MAX_FILE_BYTES, responses
from app.api.request_times import ZonedTime
from app.api.request_validation import StrictRoute
from app.api.schemas import LOCATION, ImageDetails, to_image_details
from app.domain import errors
from app.domain.file_names import MAX_NAME_BYTES
from app.domain.ids import EXAMPLE_ID
from app.domain.images import MAX_UPLOAD_BYTES, ImageState
from app.domain.media_types import MEDIA_TYPES
from app.domain.parts import MAX_FORM_BYTES, PART_BYTES, PART_SECONDS, PartLink
from app.domain.uploads import Upload

MAX_TYPE: Final = 255  # characters of a media type (RFC 6838, section 4.2)
MAX_NAME_TEXT: Final = 4 * MAX_NAME_BYTES  # a longer stored name is cut off

router = APIRouter(route_class=StrictRoute, tags=["uploads"], responses=responses(errors.InvalidToken))


class UploadRequest(BaseModel, extra="forbid", strict=True):
    """The file that you want to upload."""

    name: str = Field(
        min_length=1,
        max_length=MAX_NAME_TEXT,
        description=f"A name of more than {MAX_NAME_BYTES} bytes is cut off before its ending.",
        examples=["beach.jpg"],
    )
    type: str = Field(
        "",
        max_length=MAX_TYPE,
        description=f"The media type, such as {', '.join(sorted(MEDIA_TYPES))}. It is only a hint: the bytes decide. "
        "If you do not know it, omit it. Types that are certainly not photos, such as `video/mp4`, are refused.",
        examples=["image/jpeg"],
    )
    size: int = Field(
        description=f"The size in bytes, from 1 to {MAX_UPLOAD_BYTES:,}.",
        examples=[2_204_176],
        json_schema_extra={"minimum": 1, "maximum": MAX_UPLOAD_BYTES},
    )
    sha256: str | None = Field(
        None,
        max_length=64,
        pattern="^[0-9a-f]{64}$",
        description="The file's hash in lower-case hexadecimal. If your library has the file, no upload is needed.",
        # pragma: allowlist nextline secret - the hash of a file
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    last_modified: ZonedTime | None = Field(
        None,
        description="When the file was last modified. It is used if the file itself contains no capture date.",
        examples=["2026-01-31T16:20:00Z"],
    )
    metadata: UploadMetadata = Field(
        default_factory=UploadMetadata, description="What you know about the photo besides its file."
    )


class UploadForm(BaseModel):
    """A form that uploads the file to PixTag's object store, which is S3 on AWS."""

    url: str = Field(description="Send the form to this address with POST.", examples=["https://…"])
    fields: dict[str, str] = Field(
        description="Send these fields and then the field `file` as multipart/form-data.",
        examples=[{"key": f"incoming/…/{EXAMPLE_ID}", "Content-Type": "image/jpeg", "policy": "…"}],
    )


class UploadPart(BaseModel):
    """A part of the file, and the link that uploads it to PixTag's object store, which is S3 on AWS."""

    number: int = Field(description="1 for the first part.", examples=[1])
    start: int = Field(description="The position of its first byte in the file.", examples=[0])
    size: int = Field(
        description="The size of the part in bytes. The link accepts no other size.", examples=[PART_BYTES]
    )
    url: str = Field(description="Send the bytes of the part to this link with PUT.", examples=["https://…"])
    expires_in: int = Field(description="The seconds for which the link is valid.", examples=[PART_SECONDS])


class UploadResponse(BaseModel):
    """The id of the image, and the form or the parts that upload its file."""

    id: str = Field(description="The id of the image.", examples=[EXAMPLE_ID])
    form: UploadForm | None = Field(
        description="Null if the file is sent in parts, or if your library already has the file."
    )
    parts: list[UploadPart] | None = Field(
        description=f"The parts that are missing, in order, if the file has more than {MAX_FORM_BYTES:,} bytes. Each"
        f" part has {PART_BYTES:,} bytes, and the last one has the rest. Otherwise null.",
        examples=[None],
    )


@router.post(
    "/uploads",
    operation_id="createUpload",
    summary="Create an upload",
    status_code=status.HTTP_201_CREATED,
    responses=responses(
        errors.ImplausibleDate,
        errors.InvalidDate,
        errors.UnsupportedType,
        errors.WrongSize,
        errors.ImageChanged,
        errors.TooManyRequests,
        errors.QuotaExceeded,
        errors.DailyLimitReached,
    )
    | {
        200: {
            "model": UploadResponse,
            "description": "Your library already has the file. If its image was in the trash, the image was restored.",
            "headers": LOCATION,
        }
    },
)
def create_upload(
    request: UploadRequest, user: Uploader, ingest: IngestDep, part_uploads: PartUploadsDep, response: Response
) -> UploadResponse:
    """Return a form that accepts this file for five minutes. The file must have exactly the declared size.

    Its bytes count toward your limit per day, also if you do not send the file or delete it again.

    Send the form's fields and then the field `file` as multipart/form-data to the form's `url`. Do not change the
    fields: their `Content-Type` can differ from the type that you declared. Then `GET /images/{id}` returns the state
    of the image. If your library already has a file with this `sha256`, the response contains the id of its image and
    no form, and the image receives the `metadata` of this request.

    For a file of more than 50 MiB, the response contains `parts` instead of a form. Send the bytes of each part with
    PUT to its `url`, in any order. Then send `POST /uploads/{id}/complete`. If you were interrupted, or if a link has
    expired, get the links of the missing parts from `GET /uploads/{id}`. To cancel the upload, delete the image.
    """
    sidecar = request.metadata.to_sidecar(datetime.now(UTC))
    if request.sha256 and (existing := ingest.duplicates.find_known(user.owner, request.sha256, sidecar)):
        response.status_code = status.HTTP_200_OK
        response.headers["Location"] = f"/images/{existing.id}"
        return UploadResponse(id=existing.id, form=None, parts=None)
    takes_parts = part_uploads.rule.applies_to(request.size)
    image, offer = (part_uploads.offer if takes_parts else ingest.offer)(
        user.owner,
        name=request.name,
        media_type=request.type,
        size=request.size,
        file_time=request.last_modified,
        sidecar=sidecar,
    )
    response.headers["Location"] = f"/images/{image.id}"
    if isinstance(offer, list):
        return UploadResponse(id=image.id, form=None, parts=_to_parts(offer))
    return UploadResponse(id=image.id, form=UploadForm(url=offer.url, fields=offer.fields), parts=None)


def _to_parts(links: list[PartLink]) -> list[UploadPart]:
    return [
        UploadPart(
            number=link.part.number,
            start=link.part.start,
            size=link.part.size,
            url=link.url,
            expires_in=PART_SECONDS,
        )
        for link in links
    ]


@router.get(
    "/uploads/{image_id}",
    operation_id="getUpload",
    summary="Resume an upload in parts",
    responses=responses(errors.ImageNotFound, errors.UploadExpired, errors.UploadHasNoParts),
)
def get_upload(image_id: str, user: CurrentUser, part_uploads: PartUploadsDep) -> UploadResponse:
    """Return new links of the parts that have not arrived. `parts` is empty if the upload is complete.

    An upload that is not completed within a day is removed.
    """
    image, links = part_uploads.resume(user.owner, image_id)
    return UploadResponse(id=image.id, form=None, parts=_to_parts(links))


@router.post(
    "/uploads/{image_id}/complete",
    operation_id="completeUpload",
    summary="Complete an upload in parts",
    responses=responses(
        errors.ImageChanged,
        errors.ImageNotFound,
        errors.UploadExpired,
        errors.UploadHasNoParts,
        errors.UploadIncomplete,
    )
    | {
        200: {"headers": LOCATION},
        202: {
            "model": ImageDetails,
            "description": "The image is pending. `GET /images/{id}` returns its state.",
            "headers": LOCATION,
        },
    },
)
def complete_upload(
    image_id: str, user: CurrentUser, part_uploads: PartUploadsDep, objects: ObjectsDep, response: Response
) -> ImageDetails:
    """Join the parts to the file, after all of them have arrived. You can repeat this request."""
    image = part_uploads.complete(user.owner, image_id)
    if image.state is ImageState.PENDING:
        response.status_code = status.HTTP_202_ACCEPTED
    response.headers["Location"] = f"/images/{image.id}"
    return to_image_details(image, objects, response)


@router.post(
    "/images",
    operation_id="uploadImage",
    summary="Upload a small photo",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(
        errors.UnsupportedType,
        errors.WrongSize,
        errors.TooManyRequests,
        errors.QuotaExceeded,
        errors.DailyLimitReached,
    )
    | {202: {"headers": LOCATION}},
    openapi_extra=describe_file(f"Its name has at most {MAX_NAME_TEXT:,} characters."),
)
def upload_image(
    user: Uploader,  # before the file, because FastAPI calls dependencies in this order
    file: ReceivedFile,
    ingest: IngestDep,
    objects: ObjectsDep,
    response: Response,
) -> ImageDetails:
    """Upload a file of up to 4 MiB in one request. For larger files, use `POST /uploads`.

    The bytes decide whether the file is a photo. Its name and media type are only hints.
    """
    name = file.filename or ""
    if len(name) > MAX_NAME_TEXT:  # because cleaning a long name is slow
        raise errors.InvalidRequest("body/file", f"The name of a file can have at most {MAX_NAME_TEXT:,} characters.")
    upload = Upload(file.file.read(MAX_FILE_BYTES + 1), file.content_type or "", name)
    image = ingest.receive(user.owner, upload, max_bytes=MAX_FILE_BYTES)
    response.headers["Location"] = f"/images/{image.id}"
    return to_image_details(image, objects, response)
