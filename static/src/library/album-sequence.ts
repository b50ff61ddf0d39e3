// The order of the images of an album, which only the API knows. Pure.

const MAX = 9_999_999; // more than the images of an account

export class Sequence {
  private ids: readonly string[] = [];
  private places: ReadonlyMap<string, number> = new Map();

  /** Return the sort key of an image: the first image has the greatest one. It is empty for an unknown image. */
  keyOf({ id }: { readonly id: string }): string {
    const place = this.places.get(id);
    return place === undefined ? "" : String(MAX - place).padStart(7, "0");
  }

  /** Add the images of the next page. */
  append(ids: readonly string[]): void {
    this.set([...this.ids, ...ids.filter((id) => !this.places.has(id))]);
  }

  /** Take over the order of the first images. Removed ones stay behind the image that they followed. */
  begin(ids: readonly string[]): void {
    const current = new Set(ids);
    const end = this.ids.findLastIndex((id) => current.has(id)) + 1; // of the images that were read again
    const removed = new Map<string, string[]>();
    let before = "";
    for (const id of this.ids.slice(0, end)) {
      if (current.has(id)) {
        before = id;
      } else {
        removed.set(before, [...(removed.get(before) ?? []), id]);
      }
    }
    const first = ids.flatMap((id) => [id, ...(removed.get(id) ?? [])]);
    this.set([...(removed.get("") ?? []), ...first, ...this.ids.slice(end)]);
  }

  /** Sort the images as a person has arranged them. */
  set(ids: readonly string[]): void {
    this.ids = ids;
    this.places = new Map(ids.map((id, index) => [id, index]));
  }
}
