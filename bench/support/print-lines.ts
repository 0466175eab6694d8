/** Prints so many lines a second for ever: `node print-lines.ts 20`. Waits without a timer, so it costs next to nothing. */
import { writeSync } from 'node:fs';

const pause = 1000 / Number(process.argv[2] ?? 20);
const nothing = new Int32Array(new SharedArrayBuffer(4));
for (let line = 1; ; line++) {
  writeSync(1, `line ${line}: compiling module ${line % 97} of 97, nothing to complain about so far\r\n`);
  Atomics.wait(nothing, 0, 0, pause);
}
