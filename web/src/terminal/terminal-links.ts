/** Finds http and https addresses in what a terminal shows; every one is confirmed before it opens. */
import type { IDisposable, ILinkProvider, Terminal } from '@xterm/xterm';

const ADDRESS = /https?:\/\/[^\s"'<>`{}|\\^]+[^\s"'<>`{}|\\^.,;:!?)\]]/g;

/** The address when it is one that may be opened, else null. */
export function openableUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? url : null;
}

export function linkProvider(terminal: Terminal, ask: (url: URL) => void): IDisposable {
  const provider: ILinkProvider = {
    provideLinks(row, give) {
      const line = terminal.buffer.active.getLine(row - 1)?.translateToString(true) ?? '';
      give(
        [...line.matchAll(ADDRESS)].map((match) => ({
          text: match[0],
          range: { start: { x: match.index + 1, y: row }, end: { x: match.index + match[0].length, y: row } },
          activate: () => {
            const url = openableUrl(match[0]);
            if (url) ask(url);
          },
        })),
      );
    },
  };
  return terminal.registerLinkProvider(provider);
}
