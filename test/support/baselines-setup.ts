/** Tells the tests whether pictures are to be made anew: `vitest --update=all`. */
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    updateBaselines: boolean;
  }
}

export default function setup(project: TestProject): void {
  project.provide('updateBaselines', project.vitest.config.snapshotOptions.updateSnapshot === 'all');
}
