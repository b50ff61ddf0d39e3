// What a link to a photograph says. Pure.

/** The id in a link to a photograph's page in this UI; empty for every other link. */
export function photoIn(link: string, origin: string): string {
  const url = URL.canParse(link) ? new URL(link) : null;
  const [, id = ""] = (url?.origin === origin && /^\/photos\/([^/]+)$/.exec(url.pathname)) || [];
  return id;
}

/** The link without its signature, which finds nothing and grants access; as it is if it is no link. */
export function unsigned(link: string): string {
  if (!URL.canParse(link)) {
    return link;
  }
  const url = new URL(link);
  return url.origin + url.pathname;
}
