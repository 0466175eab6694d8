/** Which tests there are, what each kind may wait for, and which kinds never run side by side. */
import { defineConfig } from 'vitest/config';

const sources = ['src/**/*', 'test/**/*', 'web/src/**/*'];
const ending = (suffix: string) => sources.map((place) => `${place}${suffix}.{ts,tsx}`);
const needsParts = ending('.{tmux,postgres,redis,browser}.test');

export default defineConfig({
  test: {
    // Two workers on purpose: real servers and terminals on a small machine starve each other long before they fail.
    maxWorkers: 2,
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ending('.test'),
          exclude: [...needsParts, 'test/e2e/**', '**/node_modules/**'],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'parts',
          include: needsParts,
          exclude: ['test/e2e/**', '**/node_modules/**'],
          globalSetup: ['test/support/postgres-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.{ts,tsx}'],
          globalSetup: ['test/support/postgres-setup.ts'],
          // Each of these drives a whole product; one at a time is faster than two that wait for each other.
          maxWorkers: 1,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
