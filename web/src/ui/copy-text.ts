/** Puts text into the clipboard. */

/** Rejects where the browser does not allow it. On plain http there is no `navigator.clipboard`, but the older way. */
export async function copyText(text: string): Promise<void> {
  // Its type says it is always there; off https and loopback it is not.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard) return clipboard.writeText(text);
  // Selected as part of the page, not in a field: a dialog would take the focus back from that.
  const shown = document.createElement('span');
  shown.textContent = text;
  shown.style.cssText = 'position: fixed; top: 0; opacity: 0; white-space: pre; user-select: text';
  document.body.append(shown);
  try {
    getSelection()?.selectAllChildren(shown);
    if (!document.execCommand('copy')) throw new Error('The browser did not allow copying.');
  } finally {
    shown.remove();
  }
}
