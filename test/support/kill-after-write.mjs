// Loaded before the product: kills this process with SIGKILL right after the n-th committed write of an execution that
// began in it, or right after the n-th commit that wrote to the tables named. Without a number it only counts, into a file.
// An execution that starts others begins itself when the table named by TEST_KILL_FROM is written.
import { writeFileSync } from 'node:fs';
import { watchWrites } from './watch-writes.mjs';

const killAfter = Number(process.env.TEST_KILL_AFTER ?? 0);
const countFile = process.env.TEST_COUNT_FILE;
const tables = process.env.TEST_KILL_TABLES;
const BEGINS = new RegExp(`insert into "?${process.env.TEST_KILL_FROM ?? 'executions'}"?`, 'i');
let armed = Boolean(tables);
let writes = 0;

watchWrites({
  ...(tables ? { tables } : {}),
  sent(_client, text) {
    armed ||= BEGINS.test(text);
    return false;
  },
  written() {
    if (!armed) return false;
    writes += 1;
    if (countFile) writeFileSync(countFile, String(writes));
    if (killAfter > 0 && writes === killAfter) process.kill(process.pid, 'SIGKILL');
    return false;
  },
});
