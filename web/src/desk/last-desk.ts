/** Which desk was open last in this browser. */
const KEY = 'pointsman.desk';

export function lastDesk(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function rememberDesk(id: string): void {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // Storage is switched off or full: the first desk is opened next time.
  }
}
