// A program in raw mode with bracketed paste on, as an agent CLI is: writes every byte it is typed to the file it is given.
import { appendFileSync, writeFileSync } from 'node:fs';

process.stdin.setRawMode(true);
writeFileSync(process.argv[2], '');
process.stdin.on('data', (bytes) => appendFileSync(process.argv[2], bytes));
process.stdout.write('\x1b[?2004hREADY');
