/** A vitest reporter: leaves the outcome of a run in the file that POINTSMAN_TEST_SUMMARY names. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

export default class SummaryReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const testModule of testModules) {
      // A file that cannot be loaded has no tests, and still is a failure.
      summary.failed += testModule.errors().length;
      for (const test of testModule.children.allTests()) {
        const { state, note } = test.result();
        if (state === 'passed') summary.passed += 1;
        else if (state === 'failed') summary.failed += 1;
        else
          summary.skipped.push({
            file: path.relative(process.cwd(), testModule.moduleId),
            title: test.fullName,
            reason: note,
            mode: test.options.mode,
          });
      }
      for (const suite of testModule.children.allSuites()) summary.failed += suite.errors().length;
    }
    writeFileSync(process.env.POINTSMAN_TEST_SUMMARY, JSON.stringify(summary));
  }
}
