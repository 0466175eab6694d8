/** For tests that end a whole server: holds one session in a process of its own and watches it. */
import { createTmuxHost } from '../tmux-host.ts';

const [runDirectory = '', agentId = '', ...argv] = process.argv.slice(2);
const host = createTmuxHost({ runDirectory });
const outcome = await host.open({
  agentId,
  argv: argv as [string, ...string[]],
  cwd: '/',
  env: { PATH: process.env.PATH ?? '' },
  cols: 80,
  rows: 24,
});
if (outcome.outcome === 'failed') throw new Error(outcome.reason);
outcome.session.watch((event) => {
  if (event.type === 'repaint')
    process.stdout.write(`${JSON.stringify({ repaint: Buffer.from(event.data).toString() })}\n`);
});
process.stdout.write(`${JSON.stringify({ ref: outcome.session.ref })}\n`);
