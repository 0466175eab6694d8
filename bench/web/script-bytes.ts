/** How much script each page loads, compressed, for somebody who comes for the first time. */
import { gzipSync } from 'node:zlib';
import { startFleet } from '../support/agent-fleet.ts';
import { openBenchBrowser } from '../support/web/bench-browser.ts';
import { runWorkload } from '../support/workload.ts';

const KB = 1000;
const SHELL_KB = 200;

await runWorkload('web-script-bytes', 'script of a first visit, gzip', async (workload) => {
  const fleet = await startFleet(workload);
  const browser = await openBenchBrowser(workload, fleet.server);

  /** The scripts that a page asked for by itself until nothing more came. */
  async function scripts(address: string, shown: string): Promise<Map<string, number>> {
    const opened = await browser.open('/sign-in');
    const sizes = new Map<string, number>();
    const reading: Promise<void>[] = [];
    await opened.page.goto('about:blank');
    opened.page.on('response', (response) => {
      if (response.request().resourceType() !== 'script') return;
      reading.push(
        response.body().then((body) => void sizes.set(new URL(response.url()).pathname, gzipSync(body).byteLength)),
      );
    });
    await opened.session.send('Network.setCacheDisabled', { cacheDisabled: true });
    await opened.page.goto(fleet.server.url + address, { waitUntil: 'networkidle' });
    await opened.page.getByText(shown).first().waitFor();
    await Promise.all(reading);
    await opened.close();
    return sizes;
  }
  const kilobytes = (sizes: ReadonlyMap<string, number>) =>
    [...sizes.values()].reduce((sum, size) => sum + size, 0) / KB;

  // Without agents there is nothing to put into a grid.
  const shell = await scripts('/', 'No agents yet');
  workload.row({
    what: 'overview, the shell before the grid',
    value: kilobytes(shell),
    unit: 'kB',
    goal: `< ${SHELL_KB} kB`,
    met: kilobytes(shell) < SHELL_KB,
    detail: Object.fromEntries(shell),
  });
  const made = await fleet.server.request('POST', '/api/agents', {
    name: 'somebody',
    kind: 'shell',
    workspace: { path: fleet.home },
  });
  if (made.status !== 201) throw new Error(`the agent was answered ${made.status}`);
  for (const [what, address, shown] of [
    ['overview with the grid', '/', 'somebody'],
    ['inbox', '/inbox', 'Inbox'],
    ['wall', '/wall', 'somebody'],
    ['desk', '/desk', 'Lay out what you watch'],
    ['add an agent', '/agents/new', 'Claude Code'],
    ['workflows', '/workflows', 'Workflows'],
    ['workflow builder', '/workflows/new', 'YAML'],
    ['executions', '/executions', 'Executions'],
    ['settings', '/settings', 'Appearance'],
  ] as const) {
    const sizes = await scripts(address, shown);
    workload.row({ what, value: kilobytes(sizes), unit: 'kB', detail: Object.fromEntries(sizes) });
  }
});
