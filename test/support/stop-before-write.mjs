// Loaded before the product: stops this process (SIGSTOP) right before it sends the n-th write of an execution that was
// begun in it. Whoever continues it later lets that write go out, as late as it is.
import pg from 'pg';

const stopBefore = Number(process.env.TEST_STOP_BEFORE ?? 0);
const BEGINS = /insert into "?executions"?/i;
const WRITES =
  /\b(insert into|update|delete from)\s+"?(executions|mailbox|effects|steps|checkpoints|inbox_items|timers)\b/i;
let armed = false;
let writes = 0;

const query = pg.Client.prototype.query;
pg.Client.prototype.query = function (...args) {
  const text = typeof args[0] === 'string' ? args[0] : (args[0]?.text ?? '');
  if (BEGINS.test(text)) armed = true;
  if (armed && WRITES.test(text)) {
    writes += 1;
    if (writes === stopBefore) process.kill(process.pid, 'SIGSTOP');
  }
  return query.apply(this, args);
};
