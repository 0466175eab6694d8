/** Short messages that come and go; shown by toast-region.tsx. */

export interface Toast {
  id: number;
  tone: 'ok' | 'bad' | 'info';
  text: string;
  action?: { label: string; run: () => void } | undefined;
}

const SHOW_MS = 5_000;
const SHOW_ERROR_MS = 10_000; // errors are read twice
let next = 1;
let toasts: readonly Toast[] = [];
const listeners = new Set<() => void>();

export function toast(text: string, options: Partial<Pick<Toast, 'tone' | 'action'>> = {}): void {
  const entry: Toast = { id: next++, tone: options.tone ?? 'ok', text, action: options.action };
  change([...toasts.filter((other) => other.text !== text), entry].slice(-4));
  setTimeout(() => dismissToast(entry.id), entry.tone === 'bad' ? SHOW_ERROR_MS : SHOW_MS);
}

export function dismissToast(id: number): void {
  if (toasts.some((entry) => entry.id === id)) change(toasts.filter((entry) => entry.id !== id));
}

export const shownToasts = (): readonly Toast[] => toasts;

export function onToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(to: readonly Toast[]): void {
  toasts = to;
  for (const listener of listeners) listener();
}
