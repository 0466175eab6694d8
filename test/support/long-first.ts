/**
 * Short files that take long begin first: without a record of earlier runs vitest goes by their size, and what begins last
 * leaves the other worker idle.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONG = /\/e2e\/(api|baselines-browser|words-browser)\.test\.ts$/;

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => Number(LONG.test(b.moduleId)) - Number(LONG.test(a.moduleId)));
  }
}
