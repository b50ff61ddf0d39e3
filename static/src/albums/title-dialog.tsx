// The dialog that names an album.

import * as messages from "#messages/albums";
import { MAX_TITLE } from "../library/albums";
import { NameDialog } from "../ui/name-dialog";

interface TitleDialogProps {
  /** The title of the dialog. */
  readonly heading: string;
  readonly action: string;
  /** The title of the album at first. */
  readonly initial?: string;
  /** Create or rename the album. */
  readonly save: (title: string) => Promise<unknown>;
  readonly onClose: () => void;
}

export function TitleDialog({ heading, ...props }: TitleDialogProps) {
  return <NameDialog {...props} title={heading} label={messages.title} maxLength={MAX_TITLE} isRequired />;
}
