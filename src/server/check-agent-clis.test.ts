import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AGENT_CLIS } from '../../scripts/lib/agent-clis.mjs';
import { checkAgentClis } from './check-agent-clis.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'pointsman-clis-'));
  vi.stubEnv('PATH', directory);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const install = (program: string, script: string) => {
  const file = path.join(directory, program);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
};

test('a program that is older than the measured version is warned of, with how to update it', async () => {
  install('claude', 'echo "2.1.330 (Claude Code)"');
  install('codex', 'echo "codex-cli 0.120.0"');
  install('gemini', 'echo failed >&2; exit 1');
  const checks = Object.fromEntries((await checkAgentClis()).map((one) => [one.check, one]));
  expect(checks['claude']).toEqual({ check: 'claude', status: 'ok', detail: '2.1.330 (Claude Code)' });
  expect(checks['codex']).toMatchObject({ status: 'warning', next: 'Update it: npm install -g @openai/codex.' });
  expect(checks['codex']?.detail).toContain('0.120.0 is older than 0.169.0');
  expect(checks['gemini']).toMatchObject({ status: 'ok', next: expect.stringContaining('@google/gemini-cli') });
});

test('where none is installed each one is warned of', async () => {
  expect(new Set((await checkAgentClis()).map(({ status }) => status))).toEqual(new Set(['warning']));
});

test('what counts as measured is what the tests install', async () => {
  for (const [program, { version }] of Object.entries(AGENT_CLIS)) install(program, `echo ${version}`);
  expect((await checkAgentClis()).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
  for (const [program, { version }] of Object.entries(AGENT_CLIS)) {
    const [major, minor, patch] = version.split('.').map(Number);
    install(program, `echo ${major}.${minor}.${(patch ?? 0) - 1}`);
    if (patch === 0) install(program, `echo ${major}.${(minor ?? 0) - 1}.99`);
  }
  expect((await checkAgentClis()).map(({ status }) => status)).toEqual(['warning', 'warning', 'warning', 'warning']);
});
