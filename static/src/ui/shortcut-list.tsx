// The list of all keyboard shortcuts, in columns.

import * as messages from "#messages/shortcuts";
import { Dialog } from "./dialog";
import { listed } from "./shortcuts";
import "../styles/shortcuts.css";

const NAMES: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: messages.keyEscape,
  " ": messages.keySpace,
  PageUp: messages.keyPageUp,
  PageDown: messages.keyPageDown,
};

/** All shortcuts, whether or not their screen is open: a heading, then keys and what they do. */
const GROUPS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [
    messages.everywhere,
    {
      "/": messages.search,
      u: messages.uploadPhotos,
      l: messages.goToLibrary,
      t: messages.goToTags,
      "?": messages.showShortcuts,
      Escape: messages.closeWhatIsOpen,
    },
  ],
  [
    messages.library,
    {
      "← → ↑ ↓": messages.moveBetweenPhotos,
      Enter: messages.openFocusedPhoto,
      x: messages.selectFocusedPhoto,
      X: messages.selectUpToFocusedPhoto,
      "Ctrl A": messages.selectAllLoadedPhotos,
      "+": messages.largerPhotos,
      "-": messages.smallerPhotos,
      f: messages.favouriteFocusedOrSelected,
      a: messages.albumFocusedOrSelected,
      "Alt ← →": messages.moveSelectedInAlbum,
      Delete: messages.deleteSelectedPhotos,
      Escape: messages.clearSelection,
    },
  ],
  [
    messages.photo,
    {
      ArrowLeft: messages.previousPhotoOrLeft,
      ArrowRight: messages.nextPhotoOrRight,
      "↑ ↓": messages.upOrDownWhenZoomed,
      "+": messages.zoomIn,
      "-": messages.zoomOut,
      "0": messages.fitToScreen,
      b: messages.showBoxes,
      d: messages.drawBox,
      f: messages.favourite,
      a: messages.addToAlbum,
      i: messages.showDetails,
      c: messages.copyLink,
      F: messages.fullScreen,
      s: messages.slideshow,
      " ": messages.pauseSlideshow,
      Delete: messages.moveToTrash,
      Escape: messages.closePhoto,
    },
  ],
  [messages.search, { "↑ ↓": messages.chooseSuggestion, Enter: messages.search, Tab: messages.completeTag }],
  [
    messages.review,
    {
      y: messages.boxIsRight,
      n: messages.removeBox,
      a: messages.allBoxesAreRight,
      "+": messages.increaseCount,
      "-": messages.decreaseCount,
      ArrowRight: messages.nextPhoto,
      ArrowLeft: messages.previousPhoto,
      ArrowDown: messages.nextBox,
      ArrowUp: messages.previousBox,
      z: messages.undoLastDecision,
    },
  ],
  [
    messages.datesAtSide,
    {
      "↑ ↓": messages.goToNextMonth,
      "PageUp PageDown": messages.goToNextYear,
      "Home End": messages.goToNewestOrOldest,
    },
  ],
];

/** Return the names of keys as people know them: `Ctrl A`, `← →`. A capital letter alone means Shift and the letter. */
function keyNames(keys: string): readonly string[] {
  if (/^[A-Z]$/.test(keys)) {
    return [messages.keyShift, keys];
  }
  const names = NAMES[keys] ? [keys] : keys.split(" ");
  return names.map((key) => NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

export default function ShortcutList() {
  return (
    <Dialog
      title={messages.keyboardShortcuts}
      onClose={() => {
        listed.value = false;
      }}
    >
      <div class="shortcuts">
        {GROUPS.map(([group, keys]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {Object.entries(keys).map(([key, does]) => (
                <div key={key}>
                  <dt>{does}</dt>
                  <dd>
                    {keyNames(key).map((name) => (
                      <kbd key={name}>{name}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
