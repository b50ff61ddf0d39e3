// The requests that add photos to an album and remove them.

import { post } from "../api";
import type { BulkCall } from "./bulk";
import { partOf } from "./selected-edit";

export function addCall(albumId: string): BulkCall {
  return (images, _key, operation) =>
    post("/albums/{album_id}/add", { path: { album_id: albumId }, body: { images, ...partOf(operation) } });
}

export function removeCall(albumId: string): BulkCall {
  return (images, _key, operation) =>
    post("/albums/{album_id}/remove", { path: { album_id: albumId }, body: { images, ...partOf(operation) } });
}
