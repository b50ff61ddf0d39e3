// The dialog that names a saved search.

import * as messages from "#messages/alerts";
import type { SubscriptionResponse } from "../schemas";
import { change } from "../search/saved-searches";
import { NameDialog } from "../ui/name-dialog";
import { MAX_NAME } from "./alert-form";

export function RenameDialog({ alert, onClose }: { alert: SubscriptionResponse; onClose: () => void }) {
  return (
    <NameDialog
      title={messages.renameSearch(alert.name || alert.query)}
      action={messages.rename}
      label={messages.name}
      hint={messages.nameHint}
      initial={alert.name}
      maxLength={MAX_NAME}
      save={(name) => change(alert, { name })}
      onClose={onClose}
    />
  );
}
