"""Defines what reads the caller's albums, and returns responses with them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Response

from app.api.album_schemas import AlbumResponse, to_album
from app.api.auth import CurrentUser
from app.api.dependencies import AlbumsDep, ImagesDep, ObjectsDep
from app.domain.albums import Album
from app.domain.ports import Albums, Objects
from app.services.albums import AlbumReader


async def album_reader(albums: AlbumsDep, images: ImagesDep) -> AlbumReader:
    """Return what reads the images of albums."""
    return AlbumReader(albums, images)


AlbumReaderDep = Annotated[AlbumReader, Depends(album_reader)]


@dataclass(frozen=True, slots=True)
class AlbumViewer:
    """Returns responses with one of the caller's albums."""

    owner: str
    albums: Albums
    reader: AlbumReader
    objects: Objects
    response: Response

    def show(self, album: Album) -> AlbumResponse:
        """Return an album with its number of images and its cover."""
        number = self.albums.count(self.owner, album.id, album.id).get(album.id, 0)
        cover = self.reader.find_covers(self.owner, [album]).get(album.id)
        return to_album(album, number, cover, self.objects, self.response)


async def album_viewer(
    user: CurrentUser, albums: AlbumsDep, reader: AlbumReaderDep, objects: ObjectsDep, response: Response
) -> AlbumViewer:
    """Return what shows the caller's albums."""
    return AlbumViewer(user.owner, albums, reader, objects, response)


AlbumViewerDep = Annotated[AlbumViewer, Depends(album_viewer)]
