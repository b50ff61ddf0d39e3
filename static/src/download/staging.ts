// The folder of zip files in the browser's own disk space. They stay there until the browser has saved them.

export const STAGING = "pixtag-downloads";

/** Remove the files of all downloads. */
export async function removeStaged(): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(STAGING, { recursive: true });
  } catch {
    // There are none, or the browser has no such disk space.
  }
}
