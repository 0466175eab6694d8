/** Entry of the `pointsman` command: hands the real streams to the command line and ends with its exit code. */
import { runCli } from './run-cli.ts';

// `pointsman agents | head` closes our output early: that is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

let interrupts: AbortController | undefined;

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  interrupts() {
    if (!interrupts) {
      const controller = (interrupts = new AbortController());
      // Once: a second Ctrl-C ends the process whatever we are doing.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
    }
    return interrupts.signal;
  },
});
