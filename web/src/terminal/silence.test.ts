import { Terminal } from '@xterm/xterm';
import { describe, expect, it } from 'vitest';
import { isReport, silence } from './silence.ts';

const ESC = '\u001b';
const PROBES = {
  DA1: `${ESC}[c`,
  DA2: `${ESC}[>c`,
  DA3: `${ESC}[=c`,
  DSR: `${ESC}[5n`,
  CPR: `${ESC}[6n`,
  DECXCPR: `${ESC}[?6n`,
  'DECRQM ANSI': `${ESC}[4$p`,
  'DECRQM private': `${ESC}[?2004$p`,
  XTVERSION: `${ESC}[>q`,
  DECRQSS: `${ESC}P$qm${ESC}\\`,
  XTGETTCAP: `${ESC}P+q544e${ESC}\\`,
  'OSC 4': `${ESC}]4;1;?${ESC}\\`,
  'OSC 10': `${ESC}]10;?${ESC}\\`,
  'OSC 11': `${ESC}]11;?\u0007`,
  'OSC 12': `${ESC}]12;?\u0007`,
  'OSC 52': `${ESC}]52;c;?\u0007`,
  'window report': `${ESC}[18t`,
  'kitty query': `${ESC}[?u`,
  ENQ: '\u0005',
};

describe('a silenced terminal', () => {
  it.each(Object.entries(PROBES))('answers nothing to %s', async (_, probe) => {
    const { terminal, sent } = quiet();
    await written(terminal, probe);
    expect(sent).toEqual([]);
  });

  it('never turns on mouse or focus reporting, alone or in a list with other modes', async () => {
    const { terminal } = quiet();
    await written(terminal, `${ESC}[?1000h${ESC}[?1003;1006h${ESC}[?1004h${ESC}[?2004;1002;1004h`);
    await written(terminal, '');
    expect(terminal.modes.mouseTrackingMode).toBe('none');
    expect(terminal.modes.sendFocusMode).toBe(false);
    expect(terminal.modes.bracketedPasteMode).toBe(true);
  });
});

describe('the second net', () => {
  it('knows reports from keys', () => {
    expect(
      [`${ESC}[?1;2c`, `${ESC}[12;40R`, `${ESC}[0n`, `${ESC}[<0;1;1M`, `${ESC}[I`, `${ESC}]11;rgb:0/0/0${ESC}\\`].map(
        isReport,
      ),
    ).toEqual(Array(6).fill(true));
    expect(
      [
        'a',
        '\r',
        `${ESC}[A`,
        `${ESC}OP`,
        `${ESC}[1;5C`,
        `${ESC}[1;2R`,
        `${ESC}[3~`,
        `${ESC}[200~text${ESC}[201~`,
        ESC,
      ].map(isReport),
    ).toEqual(Array(9).fill(false));
  });
});

function quiet(): { terminal: Terminal; sent: string[] } {
  const terminal = new Terminal({ allowProposedApi: true });
  const sent: string[] = [];
  terminal.onData((data) => sent.push(data));
  silence(terminal.parser, (data) => terminal.write(data));
  return { terminal, sent };
}

const written = (terminal: Terminal, data: string): Promise<void> =>
  new Promise((resolve) => terminal.write(data, resolve));
