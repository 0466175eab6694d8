import { expect, test } from 'vitest';
import { isOlder, versionWarning } from './cli-version.ts';

const cli = { name: 'Codex', program: 'codex', measured: '0.169.0', install: 'npm install -g @openai/codex' };

test('versions are compared as numbers', () => {
  expect(isOlder('codex-cli 0.99.0', '0.169.0')).toBe(true);
  expect(isOlder('10.0.0', '2.1.330')).toBe(false);
  expect(isOlder('a build of mine', '2.1.330')).toBe(false);
});

test('an older version is warned of with what to do, and one that is not told is unknown', () => {
  expect(versionWarning(cli, 'codex-cli 0.99.0')).toBe(
    'Codex 0.99.0 is older than 0.169.0, the version that Pointsman was measured with: statuses and answers may be wrong. Update it (npm install -g @openai/codex) and restart the agent.',
  );
  for (const told of [null, '', 'a build of mine'])
    expect(versionWarning(cli, told)).toMatch(/^The version of Codex is unknown: .* measured with 0\.169\.0/);
  for (const told of ['codex-cli 0.169.0', '1.0.0-alpha']) expect(versionWarning(cli, told)).toBeNull();
});
