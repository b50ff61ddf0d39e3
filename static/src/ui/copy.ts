// Copies text for pasting elsewhere.

/** Copy a text, also without the permission that browsers ask for and on pages without HTTPS. Return whether it worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyFromField(text);
  }
}

/** Copy the selected text of a field, as older browsers do. */
function copyFromField(text: string): boolean {
  const before = document.activeElement as HTMLElement | null;
  const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  field.className = "hidden-text";
  // Outside an open dialog, nothing can be selected.
  [document.body, ...document.querySelectorAll("dialog:modal")].at(-1)?.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } finally {
    field.remove();
    before?.focus({ preventScroll: true });
  }
}
