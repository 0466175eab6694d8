/** Which tests there are, what each kind may wait for, and which kinds never run side by side. */
import { defineConfig } from 'vitest/config';
import { NO_EXTERNAL_POSTGRES } from './test/support/external-postgres.ts';
import { LongFirst } from './test/support/long-first.ts';
import thorough from './test/thorough.json' with { type: 'json' };

/** `npm test` sets it, and prints their list with the reasons. */
const leftOut = process.env['POINTSMAN_TESTS'] === 'daily' ? Object.keys(thorough) : [];

const sources = ['src/**/*', 'test/**/*', 'web/src/**/*'];
const ending = (suffix: string) => sources.map((place) => `${place}${suffix}.{ts,tsx}`);
const needsParts = ending('.{tmux,postgres,redis,browser,git,process}.test');
const parts = {
  exclude: ['test/e2e/**', '**/node_modules/**', ...leftOut],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  sequence: { groupOrder: 1 },
};

const externalPostgres = {
  extends: true as const,
  test: {
    ...parts,
    name: 'postgres-15',
    // The statements of the retention are tried through the engine that composes them.
    include: ['src/adapters/{postgres,bullmq}/**/*.postgres.test.ts', 'src/engine/retention/*.postgres.test.ts'],
    globalSetup: ['test/support/external-postgres-setup.ts'],
  },
};

export default defineConfig({
  test: {
    // Two workers on purpose: real servers and terminals on a small machine starve each other long before they fail.
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ending('.test'),
          exclude: [...needsParts, 'test/e2e/**', '**/node_modules/**', ...leftOut],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          ...parts,
          name: 'parts',
          include: needsParts,
          globalSetup: ['test/support/postgres-setup.ts'],
        },
      },
      // What speaks SQL once more, on the oldest server that an operator may bring.
      ...(NO_EXTERNAL_POSTGRES === null ? [externalPostgres] : []),
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', ...leftOut],
          globalSetup: ['test/support/postgres-setup.ts', 'test/support/baselines-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
