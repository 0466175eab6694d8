/**
 * Makes xterm a pure display: whatever an agent prints, the browser answers nothing (no device, cursor, mode or colour
 * reports), changes no colours, title or clipboard, and never turns mouse or focus reporting on. An answer would be
 * typed into the agent by whoever holds the seat.
 */
import type { IDisposable, IParser } from '@xterm/xterm';

/** Control sequences that ask for an answer, by their identifiers. */
const QUERIES_CSI = [
  { final: 'c' }, // DA1
  { prefix: '>', final: 'c' }, // DA2
  { prefix: '=', final: 'c' }, // DA3
  { final: 'n' }, // DSR, CPR
  { prefix: '?', final: 'n' }, // DECDSR
  { prefix: '>', final: 'n' },
  { intermediates: '$', final: 'p' }, // DECRQM, ANSI modes
  { prefix: '?', intermediates: '$', final: 'p' }, // DECRQM, private modes
  { intermediates: '$', final: 'w' }, // DECRQPSR
  { intermediates: '*', final: 'y' }, // DECRQCRA
  { intermediates: '$', final: 'u' }, // DECRQTSR
  { intermediates: '&', final: 'u' }, // DECRQUPSS
  { prefix: '>', final: 'q' }, // XTVERSION
  { prefix: '?', final: 'S' }, // XTSMGRAPHICS
  { prefix: '?', final: 'u' }, // kitty keyboard query
  { prefix: '>', final: 'u' },
  { prefix: '<', final: 'u' },
  { prefix: '=', final: 'u' },
  { prefix: '>', final: 'm' }, // XTMODKEYS
  { prefix: '?', final: 'm' },
  { final: 't' }, // window reports
  { final: 'x' }, // DECREQTPARM
] as const;

/** Colours, cwd, clipboard, notifications, titles: an agent's business that is not ours. OSC 8 (links) stays. */
const OSC = [
  0, 1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 50, 52, 99, 104, 105, 106, 110, 111, 112, 113,
  114, 115, 116, 117, 118, 119, 133, 633, 777, 1337,
];

/** Mouse and focus reporting, and in-band resize or colour notifications. */
const SILENT_MODES = new Set([9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 2031, 2048]);

export function silence(parser: IParser, write: (data: string) => void): IDisposable[] {
  const swallow = (): boolean => true;
  return [
    ...QUERIES_CSI.map((id) => parser.registerCsiHandler(id, swallow)),
    ...OSC.map((ident) => parser.registerOscHandler(ident, swallow)),
    parser.registerDcsHandler({ intermediates: '$', final: 'q' }, swallow), // DECRQSS
    parser.registerDcsHandler({ intermediates: '+', final: 'q' }, swallow), // XTGETTCAP
    parser.registerDcsHandler({ intermediates: '+', final: 'p' }, swallow),
    parser.registerCsiHandler({ prefix: '?', final: 'h' }, (params) => {
      const modes = params.flat();
      const silent = modes.filter((mode) => SILENT_MODES.has(mode));
      if (silent.length === 0) return false;
      // In a mixed list the rest must still act; the silent ones are taken back right after.
      if (silent.length < modes.length) {
        write(`\u001b[?${silent.join(';')}l`);
        return false;
      }
      return true;
    }),
  ];
}

// oxlint-disable-next-line no-control-regex -- these are control sequences
const REPORT = /^\u001b(?:\[[<?>=]?[\d;]*(?:[cRnt]|\$y)|\[M[^]{3}|\[<[\d;]+[mM]|\[[IO]$|[\]P])/;

/** True for what only a terminal itself would send: a second net below the handlers. */
export const isReport = (data: string): boolean => REPORT.test(data) && !MODIFIED_F3.test(data);

/** Shift-F3 and the like look like a cursor report (`CSI 1 ; 2 R`) but come from a finger. */
// oxlint-disable-next-line no-control-regex -- these are control sequences
const MODIFIED_F3 = /^\u001b\[1;[2-8]R$/;
