import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cutOutput } from './command-recording.ts';

const start = '\u001b]133;C;n1\u0007';
const end = '\u001b]133;D;0;n1\u0007';
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pm-recording-'));
});
afterEach(async () => rm(directory, { recursive: true }));
const files = async (...texts: string[]): Promise<string[]> =>
  Promise.all(
    texts.map(async (text, index) => {
      const file = join(directory, `output-${index}`);
      await writeFile(file, text);
      return file;
    }),
  );

describe('the output of a command', () => {
  it('is what stands between its marks', async () => {
    expect(await cutOutput({ files: await files(`$ echo x\r\n${start}x\r\n${end}$ `), nonce: 'n1' })).toBe('x');
  });

  it('goes to the end of the recording when the shell ended first', async () => {
    expect(await cutOutput({ files: await files(`$ exit\r\n${start}bye\r\n`), nonce: 'n1' })).toBe('bye');
  });

  it('is not cut by marks of others', async () => {
    const forged = '\u001b]133;D;0;n2\u0007 \u001b]133;D;0\u0007 ;n1\u0007';
    expect(await cutOutput({ files: await files(`${start}a${forged}b${end}`), nonce: 'n1' })).toBe('a  ;n1b');
  });

  it('of a flood over several files is the head of the first and the tail of the last', async () => {
    const lines = 'middle\r\n'.repeat(150_000);
    const text = await cutOutput({
      files: await files(`prompt ${start}first\r\n${lines}`, lines, `${lines.slice(3)}last\r\n${end}prompt`),
      nonce: 'n1',
    });
    expect(text).toMatch(/^first\nmiddle\n[^]*\n\[… \d+ bytes left out …\]\n[^]*\nlast$/);
    expect(text).not.toContain('prompt');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(256 * 1024);
  });

  it('is empty when nothing was recorded', async () => {
    expect(await cutOutput({ files: [], nonce: 'n1' })).toBe('');
  });
});
