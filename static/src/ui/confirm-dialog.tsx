// A dialog that asks before it acts: its form, a button that cancels and one that confirms.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import * as controls from "#messages/controls";
import { ActionButton } from "./action-button";
import { Dialog } from "./dialog";
import { FormError } from "./notice";

interface ConfirmDialogProps {
  readonly title: string;
  /** The label of the button that confirms. */
  readonly action: string;
  readonly isDangerous?: boolean;
  /** Whether the form can be confirmed as it is. */
  readonly isReady: boolean;
  /** The error above the form; empty if there is none. */
  readonly problem: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, action, isDangerous = false, isReady, problem, onConfirm, onClose, children } = props;
  const form = useId();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <ActionButton label={controls.cancel} kind="quiet" onClick={onClose} />
          <ActionButton
            label={action}
            kind={isDangerous ? "danger" : "primary"}
            type="submit"
            form={form}
            disabled={!isReady}
          />
        </>
      }
    >
      <form
        id={form}
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) {
            onConfirm();
          }
        }}
      >
        {problem && <FormError>{problem}</FormError>}
        {children}
      </form>
    </Dialog>
  );
}
