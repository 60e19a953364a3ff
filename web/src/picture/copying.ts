/** Whether the text is on the clipboard now: browsers allow it to pages that came over HTTPS, or from this machine. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
