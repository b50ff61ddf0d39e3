// The list of all keyboard shortcuts, in columns.

import { Dialog } from "./dialog";
import { active, listed } from "./shortcuts";
import "../styles/shortcuts.css";

const NAMES: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  " ": "Space",
  PageUp: "Page ↑",
  PageDown: "Page ↓",
};

/** All shortcuts, whether or not their screen is open. Shortcuts of components that are missing here are added. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Everywhere: {
    "/": "Search",
    u: "Upload photos",
    l: "Go to library",
    t: "Go to tags",
    "?": "Show keyboard shortcuts",
    Escape: "Close what is open",
  },
  Library: {
    "← → ↑ ↓": "Move between photos",
    Enter: "Open focused photo",
    x: "Select focused photo",
    X: "Select up to focused photo",
    "Ctrl A": "Select all loaded photos",
    Delete: "Delete selected photos",
    Escape: "Clear selection",
  },
  Photo: {
    ArrowLeft: "Previous photo, or left when zoomed",
    ArrowRight: "Next photo, or right when zoomed",
    "↑ ↓": "Up or down when zoomed",
    "+": "Zoom in",
    "-": "Zoom out",
    "0": "Fit to screen",
    b: "Show boxes",
    i: "Show details",
    Delete: "Move to trash",
    Escape: "Close photo",
  },
  Search: {
    "↑ ↓": "Choose a suggestion",
    Enter: "Search",
    Tab: "Complete the tag",
  },
  "Dates at the side": {
    "↑ ↓": "Go to the next month",
    "PageUp PageDown": "Go to the next year",
    "Home End": "Go to the newest or oldest",
  },
};

/** Return the names of keys as people know them: `Ctrl A`, `← →`. A capital letter alone means Shift and the letter. */
function keyNames(keys: string): readonly string[] {
  if (/^[A-Z]$/.test(keys)) {
    return ["Shift", keys];
  }
  const names = NAMES[keys] ? [keys] : keys.split(" ");
  return names.map((key) => NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

function listGroups(): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const groups = new Map(Object.entries(GROUPS).map(([name, keys]) => [name, new Map(Object.entries(keys))]));
  for (const { group: name = "Everywhere", key, does } of active.value.flat()) {
    const group = groups.get(name) ?? new Map<string, string>();
    groups.set(name, group.set(key, does));
  }
  return groups;
}

export default function ShortcutList() {
  return (
    <Dialog
      title="Keyboard shortcuts"
      onClose={() => {
        listed.value = false;
      }}
    >
      <div class="shortcuts">
        {[...listGroups()].map(([group, keys]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {[...keys].map(([key, does]) => (
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
