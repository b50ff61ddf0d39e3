// The grid of the library or a search, and the bar of what can be done to what is selected in it.

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { post } from "../api";
import { Icon, type IconName } from "../ui/icon";
import { lazy } from "../ui/lazy";
import { foresee, type Part } from "./bulk";
import type { Feed } from "./feed";
import { Grid } from "./grid";
import { Selectable } from "./selectable";
import { Selection } from "./selection";
import { SelectionBar } from "./selection-bar";

const Edit = lazy(() => import("./edit-dialog"));

const EVERYTHING = "after:1970-01-01"; // a query that every ready image matches

export type EditKind = "add" | "remove" | "rename" | "trash";

const ACTIONS: readonly { readonly kind: EditKind; readonly label: string; readonly icon: IconName }[] = [
  { kind: "add", label: "Add tags", icon: "add" },
  { kind: "remove", label: "Remove tags", icon: "minus" },
  { kind: "rename", label: "Rename a tag", icon: "rename" },
  { kind: "trash", label: "Move to the trash", icon: "trash" },
];

export function ChoosableGrid({ feed, query }: { feed: Feed; query: string }) {
  const selection = useMemo(() => new Selection(feed, () => wholeOf(query)), [feed, query]);
  const kind = useSignal<EditKind | null>(null);
  return (
    <>
      <SelectionBar
        selection={selection}
        whole={query ? "All of this search" : "All of the library"}
        onDelete={() => {
          kind.value = "trash";
        }}
      >
        {ACTIONS.map((action) => (
          <button
            key={action.kind}
            type="button"
            class="button quiet"
            aria-label={action.label}
            title={action.label}
            onClick={() => {
              kind.value = action.kind;
            }}
          >
            <Icon name={action.icon} />
            <span aria-hidden="true">{action.label}</span>
          </button>
        ))}
      </SelectionBar>
      <Selectable selection={selection}>
        <Grid feed={feed} />
      </Selectable>
      {kind.value && (
        <Edit
          kind={kind.value}
          selection={selection}
          onClose={() => {
            kind.value = null;
          }}
        />
      )}
    </>
  );
}

async function wholeOf(query: string) {
  const target = { query: query || EVERYTHING };
  const size = await foresee(
    target,
    (images: Part) => post("/images/trash", { body: { images } }),
    AbortSignal.timeout(60_000),
  );
  return { target, size };
}
