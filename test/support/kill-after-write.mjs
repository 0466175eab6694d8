// Loaded before the product: kills this process with SIGKILL right after the n-th committed write of an execution that
// began in it, or right after the n-th commit that wrote to the tables named. Without a number it only counts, into a file.
import { writeFileSync } from 'node:fs';
import pg from 'pg';

const killAfter = Number(process.env.TEST_KILL_AFTER ?? 0);
const countFile = process.env.TEST_COUNT_FILE;
const tables = process.env.TEST_KILL_TABLES;
const WATCHED = tables
  ? new RegExp(`\\b(${tables})\\b`, 'i')
  : /"?\b(executions|mailbox|effects|steps|checkpoints|agent_tasks|inbox_items|execution_logs|timers)\b"?/i;
const WRITES = /\b(insert into|update|delete from)\b/i;
let armed = Boolean(tables);
let writes = 0;

const query = pg.Client.prototype.query;
pg.Client.prototype.query = function (...args) {
  const text = typeof args[0] === 'string' ? args[0] : (args[0]?.text ?? '');
  const after = watch(this, text);
  if (!after) return query.apply(this, args);
  const last = args.at(-1);
  if (typeof last === 'function') {
    args[args.length - 1] = (error, result) => {
      if (!error) after();
      last(error, result);
    };
    return query.apply(this, args);
  }
  return query.apply(this, args).then((result) => {
    after();
    return result;
  });
};

function watch(client, text) {
  const verb = text.trimStart().slice(0, 9).toLowerCase();
  if (verb.startsWith('begin')) {
    client.pointsmanTouched = false;
    client.pointsmanInTransaction = true;
    return null;
  }
  if (verb.startsWith('rollback') && !text.toLowerCase().includes('savepoint')) {
    client.pointsmanInTransaction = false;
    return null;
  }
  if (verb.startsWith('commit')) {
    client.pointsmanInTransaction = false;
    return client.pointsmanTouched ? written : null;
  }
  if (!WRITES.test(text) || !WATCHED.test(text)) return null;
  if (/insert into "executions"/i.test(text)) armed = true;
  if (!client.pointsmanInTransaction) return written;
  client.pointsmanTouched = true;
  return null;
}

function written() {
  if (!armed) return;
  writes += 1;
  if (countFile) writeFileSync(countFile, String(writes));
  if (killAfter > 0 && writes === killAfter) process.kill(process.pid, 'SIGKILL');
}
