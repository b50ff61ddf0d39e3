// Join the pages of an export into one file. Pure.

import * as messages from "#messages/account";
import type { CocoDocument } from "../schemas";

const BYTE_ORDER_MARK = "\ufeff";

/** Join CSV pages. Only the first page keeps its header row. Excel needs the byte order mark, which browsers remove. */
export function joinCsv(pages: readonly string[]): string {
  const rows = pages.map((page) => page.replace(BYTE_ORDER_MARK, ""));
  return BYTE_ORDER_MARK + rows.map((page, index) => (index ? page.slice(page.indexOf("\n") + 1) : page)).join("");
}

/** Join COCO pages: all images and annotations, numbered from 1, and each category once. File names become unique. */
export function joinCoco(pages: readonly CocoDocument[]): CocoDocument | undefined {
  const [first] = pages;
  if (!first) {
    return;
  }
  const categories = new Map<string, CocoDocument["categories"][number]>();
  const images: CocoDocument["images"][number][] = [];
  const stems = new Map<string, number>();
  const annotations: CocoDocument["annotations"][number][] = [];
  for (const page of pages) {
    const offset = images.length;
    const numbers = new Map<number, number>();
    for (const category of page.categories) {
      const joined = categories.get(category.name) ?? { ...category, id: categories.size + 1 };
      categories.set(category.name, joined);
      numbers.set(category.id, joined.id);
    }
    const places = new Map(page.images.map(({ id }, index) => [id, offset + index + 1]));
    images.push(
      ...page.images.map((image, index) => ({
        ...image,
        id: offset + index + 1,
        file_name: uniqueName(image.file_name, stems),
      })),
    );
    for (const annotation of page.annotations) {
      annotations.push({
        ...annotation,
        id: annotations.length + 1,
        image_id: places.get(annotation.image_id) ?? 0,
        category_id: numbers.get(annotation.category_id) ?? 0,
      });
    }
  }
  const info = { ...first.info, description: messages.cocoDescription };
  return { info, licenses: first.licenses, images, annotations, categories: [...categories.values()] };
}

/** Return the name, with a number before its ending if another name has the same stem. The API does the same in a page. */
function uniqueName(name: string, stems: Map<string, number>): string {
  const end = name.lastIndexOf(".");
  const [stem, ending] = end > 0 ? [name.slice(0, end), name.slice(end)] : [name, ""];
  let unique = stem;
  for (let number = (stems.get(fold(stem)) ?? 0) + 1; stems.has(fold(unique)); number += 1) {
    stems.set(fold(stem), number);
    unique = `${stem}-${number}`;
  }
  stems.set(fold(unique), stems.get(fold(unique)) ?? 1);
  return unique + ending;
}

function fold(stem: string): string {
  return stem.normalize("NFC").toLowerCase();
}

/** Return the path of the next page from a `Link` header; null on the last page. */
export function nextPath(link: string | null): string | null {
  return link?.match(/<([^>]+)>;\s*rel="next"/)?.[1] ?? null;
}
