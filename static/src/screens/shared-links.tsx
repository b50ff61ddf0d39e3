// The links with which people see photos without an account.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/shares";
import { formatTakenAt } from "../capture-time";
import { wordsFor } from "../http";
import { albumPath } from "../paths";
import type { ShareResponse } from "../schemas";
import { describeEnd, describeKind, hasEnded } from "../sharing/share-terms";
import { readShares, revokeShare, shares } from "../sharing/shares";
import { ActionButton } from "../ui/action-button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Icon, type IconName } from "../ui/icon";
import { Empty, Failed } from "../ui/notice";
import { Page } from "../ui/page";
import { toast } from "../ui/toasts";
import "../styles/shares.css";

const ICONS: Readonly<Record<ShareResponse["kind"], IconName>> = {
  images: "photos",
  album: "album",
  subscription: "pin",
};

export default function SharedLinks() {
  const problem = useSignal("");
  const revoking = useSignal<ShareResponse | null>(null);
  const load = async () => {
    problem.value = "";
    try {
      await readShares();
    } catch (error) {
      problem.value = wordsFor(error);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  return (
    <Page title={messages.sharedLinks} lead={messages.sharedLinksLead}>
      {shares.value ? (
        <Loaded all={shares.value} revoking={revoking} />
      ) : problem.value ? (
        <Failed text={problem.value} onRetry={() => void load()} />
      ) : (
        <div class="shares-loading skeleton" role="status" aria-busy="true" aria-label={controls.loading} />
      )}
      {revoking.value && (
        <RevokeDialog
          share={revoking.value}
          onClose={() => {
            revoking.value = null;
          }}
        />
      )}
    </Page>
  );
}

interface LoadedProps {
  readonly all: readonly ShareResponse[];
  readonly revoking: Signal<ShareResponse | null>;
}

function Loaded({ all, revoking }: LoadedProps) {
  if (all.length === 0) {
    const link = (
      <a class="button" href="/">
        {messages.goToLibrary}
      </a>
    );
    return (
      <Empty icon="share" title={messages.noSharedLinks} actions={link}>
        <p>{messages.noSharedLinksText}</p>
      </Empty>
    );
  }
  return (
    <ul aria-label={messages.yourSharedLinks}>
      {all.map((share) => (
        <ShareRow
          key={share.id}
          share={share}
          onRevoke={() => {
            revoking.value = share;
          }}
        />
      ))}
    </ul>
  );
}

/** The title, or the time of the link, so that links without a title can be told apart. */
function titleOf({ title, created_at: at }: ShareResponse): string {
  return title || messages.untitledSince(at);
}

function ShareRow({ share, onRevoke }: { share: ShareResponse; onRevoke: () => void }) {
  const { kind, album, views, last_viewed: lastViewed, has_password: hasPassword, originals } = share;
  const isOver = hasEnded(share, Date.now());
  const title = titleOf(share);
  const marks = [isOver && messages.expired, hasPassword && messages.withPassword, originals && messages.withOriginals];
  return (
    <li class="share-line" data-state={isOver ? "expired" : "open"}>
      <Icon name={ICONS[kind]} size={24} />
      <div class="share-text">
        <p class="share-title">
          <SharedSource kind={kind} album={album}>
            {title}
          </SharedSource>
          {marks.map(
            (mark) =>
              mark && (
                <span key={mark} class="share-mark">
                  {mark}
                </span>
              ),
          )}
        </p>
        <p class="muted">
          {describeKind(share)} · {describeEnd(share, Date.now())}
        </p>
        <p class="muted">
          {lastViewed === null ? messages.notViewedYet : messages.viewed(views, formatTakenAt(lastViewed))}
        </p>
      </div>
      <ActionButton label={messages.revoke} name={messages.revokeIt(title)} size="small" onClick={onRevoke} />
    </li>
  );
}

/** The title, as a link to what is shared if it has a page. */
function SharedSource({ kind, album, children }: { kind: string; album: string | null; children: string }) {
  const path = { album: album && albumPath(album), subscription: "/alerts" }[kind];
  return path ? (
    <a href={path}>
      <bdi>{children}</bdi>
    </a>
  ) : (
    <bdi>{children}</bdi>
  );
}

function RevokeDialog({ share, onClose }: { share: ShareResponse; onClose: () => void }) {
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const title = titleOf(share);
  const revoke = async () => {
    isBusy.value = true;
    problem.value = "";
    try {
      await revokeShare(share);
      onClose();
      toast(messages.revoked(title));
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={messages.revokeTitle}
      action={messages.revokeAction}
      isDangerous
      isReady={!isBusy.value}
      problem={problem.value}
      onConfirm={() => void revoke()}
      onClose={onClose}
    >
      <p>{messages.revokeText(title)}</p>
    </ConfirmDialog>
  );
}
