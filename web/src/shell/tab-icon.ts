/** The tab's icon: the app's own, with a number on it while items wait; pure. */

/** Beyond this the digits could not be read. */
const MOST = 99;

export function tabIcon(waiting: number): string {
  if (waiting <= 0) return '/favicon.svg';
  const text = waiting > MOST ? '99' : String(waiting);
  const width = text.length > 1 ? 22 : 18;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#4457d6"/><g fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"><path d="M9 25V7"/><path d="M9 20c0-7 13-5 13-13"/></g><rect x="${32 - width}" y="14" width="${width}" height="18" rx="9" fill="#ffc857"/><text x="${32 - width / 2}" y="28" font-family="system-ui,sans-serif" font-size="15" font-weight="700" text-anchor="middle" fill="#171a21">${text}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
