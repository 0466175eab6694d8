// Loaded before other modules: kills this process with SIGKILL when the n-th git command that changes something has just
// begun. The command goes on by itself, as it does in life; its process id is left in a file for whoever waits for it.
import { writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const killAt = Number(process.env.TEST_KILL_AT_GIT ?? 0);
const pidFile = process.env.TEST_GIT_PID_FILE;
const CHANGES = 'worktree update-ref add commit commit-tree write-tree merge merge-tree branch reset'.split(' ');
let seen = 0;

const childProcess = createRequire(import.meta.url)('node:child_process');
const { execFile } = childProcess;
childProcess.execFile = function (file, args, ...rest) {
  const started = execFile.call(this, file, args, ...rest);
  if (file !== 'git' || !args.some((argument) => CHANGES.includes(argument))) return started;
  seen += 1;
  if (seen === killAt) {
    if (pidFile) writeFileSync(pidFile, String(started.pid));
    process.kill(process.pid, 'SIGKILL');
  }
  return started;
};
syncBuiltinESMExports();
