/** A vitest reporter: leaves the outcome of a run in the file that POINTSMAN_TEST_SUMMARY names. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

export default class SummaryReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [], failures: [] };
    for (const { message } of unhandledErrors)
      summary.failures.push({ title: 'an error outside of every test', message });
    for (const testModule of testModules) {
      // A file that cannot be loaded has no tests, and still is a failure.
      summary.failed += testModule.errors().length;
      const file = path.relative(process.cwd(), testModule.moduleId);
      for (const { message } of testModule.errors()) summary.failures.push({ title: file, message });
      for (const test of testModule.children.allTests()) {
        const { state, note, errors } = test.result();
        const title = `${file} > ${test.fullName}`;
        if (state === 'passed') summary.passed += 1;
        else if (state === 'failed') {
          summary.failed += 1;
          summary.failures.push({ title, message: errors.map((error) => error.message).join('\n') });
        } else summary.skipped.push({ file, title: test.fullName, reason: note });
      }
      for (const suite of testModule.children.allSuites()) {
        summary.failed += suite.errors().length;
        for (const { message } of suite.errors())
          summary.failures.push({ title: `${file} > ${suite.fullName}`, message });
      }
    }
    writeFileSync(process.env.POINTSMAN_TEST_SUMMARY, JSON.stringify(summary));
  }
}
