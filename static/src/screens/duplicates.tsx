// Duplicates: groups of photos that look the same. The person keeps one of each; the others move to the trash.

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/duplicates";
import { Duplicates, trashCall } from "../duplicates/duplicates";
import { GroupCard } from "../duplicates/group-card";
import { type Group, idsToMove } from "../duplicates/groups";
import { wordsFor } from "../http";
import { BulkDialog } from "../library/bulk-dialog";
import { ActionButton } from "../ui/action-button";
import { Empty, Failed } from "../ui/notice";
import { Page } from "../ui/page";
import { toast } from "../ui/toasts";
import "../styles/duplicates.css";

export default function DuplicatesScreen() {
  const list = useMemo(() => new Duplicates(), []);
  const ref = useRef<HTMLDivElement>(null);
  const plan = useSignal<readonly Group[]>([]);
  const isChecking = useSignal(false);
  const groups = list.groups.value;
  useEffect(() => {
    void list.more();
    return () => list.end();
  }, [list]);
  const keep = async (group: Group) => {
    const index = list.groups.value.findIndex(({ id }) => id === group.id);
    await list.keep(group);
    keepFocus(ref.current, index);
  };
  const planAll = async () => {
    if (isChecking.value) {
      return;
    }
    isChecking.value = true;
    try {
      plan.value = (await list.isCurrent(groups)) ? groups : [];
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
    isChecking.value = false;
  };
  return (
    <Page
      title={messages.duplicates}
      lead={messages.duplicatesLead}
      actions={
        groups.length > 0 && (
          <ActionButton
            label={messages.keepInAllGroups}
            icon="check"
            isBusy={isChecking.value}
            onClick={() => void planAll()}
          />
        )
      }
    >
      <div ref={ref} class="duplicates" tabIndex={-1}>
        {groups.map((group) => (
          <GroupCard key={group.id} list={list} group={group} onKeep={(each) => void keep(each)} />
        ))}
        <Ending list={list} />
      </div>
      {plan.value.length > 0 && (
        <KeepAll
          list={list}
          groups={plan.value}
          onClose={() => {
            plan.value = [];
            keepFocus(ref.current, 0);
          }}
        />
      )}
    </Page>
  );
}

/** If the control with the focus is gone, focus the group at a place, or the last one. */
function keepFocus(page: HTMLElement | null, index: number): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) {
      const groups = page?.querySelectorAll<HTMLElement>(".duplicates-group") ?? [];
      (groups[Math.min(index, groups.length - 1)] ?? page)?.focus();
    }
  });
}

interface KeepAllProps {
  readonly list: Duplicates;
  readonly groups: readonly Group[];
  readonly onClose: () => void;
}

function KeepAll({ list, groups, onClose }: KeepAllProps) {
  const ids = useMemo(() => idsToMove(groups, list.chosen.peek()), [list, groups]);
  return (
    <BulkDialog
      title={messages.keepInAllGroups}
      target={{ ids }}
      size={ids.length}
      call={trashCall}
      inputs=""
      describe={messages.photosWillMove}
      action={messages.moveToTrash}
      isDangerous
      describeChanged={messages.photosMoved}
      onDone={(summary) => void list.finish(groups, summary)}
      onClose={onClose}
    >
      <p>{messages.oneOfEachIsKept(groups.length)}</p>
    </BulkDialog>
  );
}

/** What is shown below the groups: the next page, an error, or that there are none. */
function Ending({ list }: { list: Duplicates }) {
  const { status, problem, groups } = list;
  const isEmpty = groups.value.length === 0;
  if (status.value === "failed") {
    return <Failed text={problem.value} onRetry={() => void list.more()} />;
  }
  if (status.value === "loading" && isEmpty) {
    return <div class="duplicates-loading skeleton" role="status" aria-busy="true" aria-label={controls.loading} />;
  }
  if (status.value === "whole") {
    return isEmpty && <NoDuplicates />;
  }
  return (
    <>
      {isEmpty && <p class="muted">{messages.nothingSoFar}</p>}
      <ActionButton
        label={messages.loadMoreGroups}
        isBusy={status.value === "loading"}
        onClick={() => {
          if (status.value === "more") {
            void list.more();
          }
        }}
      />
    </>
  );
}

function NoDuplicates() {
  return (
    <Empty icon="copies" title={messages.noDuplicates}>
      <p>{messages.noDuplicatesText}</p>
    </Empty>
  );
}
