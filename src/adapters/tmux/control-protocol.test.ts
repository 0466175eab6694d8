import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ControlProtocol, decodeOutput } from './control-protocol.ts';

type Heard = [what: string, ...rest: string[]];

function hear(chunks: readonly Buffer[], kind: 'opaque' | 'transparent' = 'opaque'): Heard[] {
  const heard: Heard[] = [];
  const text = (lines: readonly Buffer[]) => lines.map((line) => line.toString('latin1'));
  const protocol = new ControlProtocol({
    output: (paneId, data) => heard.push(['output', paneId, data.toString('latin1')]),
    notification: (name, rest) => heard.push(['notification', name, rest]),
    replyBegins: () => kind,
    reply: ({ failed, lines }) => heard.push([failed ? 'error' : 'reply', ...text(lines)]),
    foreignReply: ({ lines }) => heard.push(['foreign', ...text(lines)]),
  });
  for (const chunk of chunks) protocol.push(chunk);
  return heard;
}

const lines = (...all: string[]) => Buffer.from(all.map((line) => `${line}\n`).join(''), 'latin1');

/** As tmux writes it: control characters and the backslash in octal, everything else as it is. */
function escaped(bytes: Uint8Array): Buffer {
  return Buffer.concat(
    Array.from(bytes, (byte) =>
      byte < 0x20 || byte === 0x5c ? Buffer.from(`\\${byte.toString(8).padStart(3, '0')}`) : Buffer.from([byte]),
    ),
  );
}

describe('the control protocol', () => {
  test('gives back every byte a pane printed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeOutput(escaped(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('hears the same however the stream is cut into chunks', () => {
    const stream = Buffer.concat([
      lines('%begin 1 2 1', 'a', '', '%end 1 2 1', '%session-changed $0 x'),
      Buffer.from('%output %0 '),
      escaped(Buffer.from('漢\x1b[m\\')),
      Buffer.from('\n%extended-output %0 12 : a : b\n'),
      lines('%begin 1 3 0', 'hook', '%end 1 3 0', '%begin 1 4 1', 'no such pane', '%error 1 4 1', '%pause %0'),
    ]);
    const whole = hear([stream]);
    expect(whole).toMatchObject([
      ['reply', 'a', ''],
      ['notification', '%session-changed', '$0 x'],
      ['output', '%0', Buffer.from('漢\x1b[m\\').toString('latin1')],
      ['output', '%0', 'a : b'],
      ['foreign', 'hook'],
      ['error', 'no such pane'],
      ['notification', '%pause', '%0'],
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 40 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
        expect(hear(places.slice(1).map((end, index) => stream.subarray(places[index], end)))).toEqual(whole);
      }),
    );
  });

  test('takes what a screen shows for content, even when it looks like the protocol', () => {
    const shown = ['%end 1 6 1', '%output %0 x', '%exit', '%begin 9 9 1'];
    expect(hear([lines('%begin 1 7 1', ...shown, '%end 1 7 1')])).toEqual([['reply', ...shown]]);
  });

  test('hears output that comes while a command waits', () => {
    expect(hear([lines('%begin 1 7 1', '%output %0 x', '%end 1 7 1')], 'transparent')).toEqual([
      ['output', '%0', 'x'],
      ['reply'],
    ]);
  });
});
