// The picture of a tile grows into the opened photo, where the browser can show it and the person wants motion.

const NAME = "opened-photo";
const PICTURE_MS = 400; // the photo view is loaded on the first opening

/** Call `open`, which shows the photo, and move the picture of its tile to its place there. */
export function growPicture(id: string, open: () => void): void {
  const tile = document.querySelector<HTMLElement>(`.tile[data-id="${CSS.escape(id)}"] .tile-picture`);
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (!tile || isStill || !("startViewTransition" in document)) {
    open();
    return;
  }
  tile.style.viewTransitionName = NAME;
  let picture: HTMLElement | null = null;
  const transition = document.startViewTransition(async () => {
    tile.style.viewTransitionName = "";
    open();
    picture = await appeared(".photo .stage-picture");
    picture?.style.setProperty("view-transition-name", NAME);
  });
  const end = () => picture?.style.removeProperty("view-transition-name");
  transition.finished.then(end, end);
  transition.ready.catch(() => {}); // a newer transition or a hidden page ends it
}

/** Return an element when it is in the page; null if it takes too long. */
function appeared(selector: string): Promise<HTMLElement | null> {
  return new Promise((resolve) => {
    const find = () => document.querySelector<HTMLElement>(selector);
    const observer = new MutationObserver(() => {
      if (find()) {
        end();
      }
    });
    const end = () => {
      observer.disconnect();
      clearTimeout(timer);
      resolve(find());
    };
    const timer = setTimeout(end, PICTURE_MS);
    observer.observe(document.body, { childList: true, subtree: true });
    if (find()) {
      end();
    }
  });
}
