/** The log of an execution with 1 000 000 lines: until its newest line is there, and while it is scrolled through. */
import { strictEqual } from 'node:assert';
import { startFleet } from '../support/agent-fleet.ts';
import { fleetDatabase } from '../support/fleet-database.ts';
import { median, quantile } from '../support/statistics.ts';
import { openBenchBrowser } from '../support/web/bench-browser.ts';
import { whileDone } from '../support/web/while-done.ts';
import { runWorkload } from '../support/workload.ts';

const LINES = 1_000_000;
const FEW = 1_000;
const ROUNDS = 3;
const STEPS = 120;

await runWorkload('web-log-view', 'the log of an execution', async (workload) => {
  const { home, server } = await startFleet(workload);
  const { pool } = await fleetDatabase(workload, home);
  const browser = await openBenchBrowser(workload, server);
  const [many, few] = [await executionWithLog(LINES), await executionWithLog(FEW)];
  const rounds: { many: Awaited<ReturnType<typeof look>>; few: Awaited<ReturnType<typeof look>> }[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rounds.push({ few: await look(few, FEW), many: await look(many, LINES) });
  const row = (what: string, unit: string, of: (seen: Awaited<ReturnType<typeof look>>) => number, most: number) => {
    const ratio = median(rounds.map((one) => of(one.many) / of(one.few)));
    workload.row({
      what,
      value: median(rounds.map((one) => of(one.many))),
      unit,
      floor: { what: `${unit} with 1000 lines`, value: median(rounds.map((one) => of(one.few))) },
      ratio,
      goal: `≤ ${most}×`,
      met: ratio <= most,
      detail: rounds.map((one) => [of(one.few), of(one.many)]),
    });
  };
  row('1 000 000 lines: until the newest is there', 'ms', ({ firstMs }) => firstMs, 3);
  row('  scrolling through, frame p50', 'ms', ({ frames }) => quantile(frames, 0.5), 1.1);
  row('  frame p99', 'ms', ({ frames }) => quantile(frames, 0.99), 1.5);
  row('  elements of the log', 'rows', ({ elements }) => elements, 1.2);

  async function executionWithLog(lines: number): Promise<string> {
    const workflow = { name: `${lines} lines`, nodes: [{ id: 'wait', type: 'wait', config: { event: 'go' } }] };
    const { body, status } = await server.request('POST', '/api/workflow/execute', { workflow });
    strictEqual(status, 202);
    await pool.query(
      `INSERT INTO execution_logs (execution_id, node_id, stream, text)
       SELECT $1, 'wait', 'stdout', E'\\x1b[32mok\\x1b[0m   line ' || n || ' of a build that says rather much about what it does'
       FROM generate_series(1, $2::int) AS n`,
      [body.id, lines],
    );
    await pool.query('ANALYZE execution_logs');
    return body.id;
  }

  async function look(id: string, lines: number) {
    const opened = await browser.open('/executions');
    const { page } = opened;
    await page.getByRole('heading', { name: 'Executions', exact: true }).waitFor();
    const began = performance.now();
    await page.goto(`${server.url}/executions/${id}?tab=log`);
    await page.getByText(`line ${lines} of a build`).waitFor();
    const firstMs = performance.now() - began;
    const box = page.getByRole('log', { name: 'Log', exact: true });
    const { frames } = await whileDone(opened, () =>
      box.evaluate(
        (element, steps) =>
          new Promise<void>((resolve) => {
            let step = 0;
            requestAnimationFrame(function next() {
              step += 1;
              // Up through all of it; every page is read on the way.
              element.scrollTop = element.scrollHeight * (1 - step / steps);
              if (step === steps) resolve();
              else requestAnimationFrame(next);
            });
          }),
        STEPS,
      ),
    );
    await page.getByText('line 1 of a build').waitFor();
    const elements = await box.locator('[data-index]').count();
    await opened.close();
    return { firstMs, frames, elements };
  }
});
