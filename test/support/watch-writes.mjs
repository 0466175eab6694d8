// Sees every committed write of an execution on its way back from PostgreSQL, before whoever sent it does.
import pg from 'pg';

const TABLES = 'executions|mailbox|effects|steps|checkpoints|agent_tasks|inbox_items|execution_logs|timers';
const WRITES = /\b(insert into|update|delete from)\b/i;

/**
 * `sent` is called with each statement, `written` after each commit that wrote to one of the tables. What either answers
 * with true is not answered to its sender any more, ever.
 */
export function watchWrites({ tables = TABLES, sent = () => false, written }) {
  const watched = new RegExp(`"?\\b(${tables})\\b"?`, 'i');
  const touched = new WeakMap();
  const query = pg.Client.prototype.query;
  pg.Client.prototype.query = function (...args) {
    const text = typeof args[0] === 'string' ? args[0] : (args[0]?.text ?? '');
    const last = args.at(-1);
    if (sent(this, text)) return typeof last === 'function' ? undefined : silence();
    if (!commitsWrite(this, text)) return query.apply(this, args);
    if (typeof last === 'function') {
      args[args.length - 1] = (error, result) => {
        if (error || !written(this)) last(error, result);
      };
      return query.apply(this, args);
    }
    return query.apply(this, args).then((result) => (written(this) ? silence() : result));
  };

  /** In a transaction its COMMIT counts, and that only once. */
  function commitsWrite(client, text) {
    const verb = text.trimStart().slice(0, 9).toLowerCase();
    if (verb.startsWith('begin')) touched.set(client, false);
    else if (verb.startsWith('rollback') && !text.toLowerCase().includes('savepoint')) touched.delete(client);
    else if (verb.startsWith('commit')) {
      const wrote = touched.get(client) ?? false;
      touched.delete(client);
      return wrote;
    } else if (WRITES.test(text) && watched.test(text)) {
      if (!touched.has(client)) return true;
      touched.set(client, true);
    }
    return false;
  }
}

function silence() {
  return new Promise(() => undefined);
}
