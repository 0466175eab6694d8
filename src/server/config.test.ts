import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig, settingsOf } from './config.ts';

const load = (env: Record<string, string>) => loadConfig({ env, directory: '/nowhere' });

it('what requests may reach is a list, and each entry must be one', () => {
  const env = { POINTSMAN_HOME: '/nowhere' };
  expect(load(env).httpAllow).toEqual([]);
  expect(load({ ...env, POINTSMAN_HTTP_ALLOW: '10.0.0.0/8, build.internal:8080' }).httpAllow).toEqual([
    '10.0.0.0/8',
    'build.internal:8080',
  ]);
  expect(() => load({ ...env, POINTSMAN_HTTP_ALLOW: '10.0.0.0/8,http://x/' })).toThrow(
    'POINTSMAN_HTTP_ALLOW: "http://x/" is no host, address or range',
  );
});

it('graphs are named with modules beside the file, as a text, with an export, or with more about them', () => {
  const home = mkdtempSync(path.join(os.tmpdir(), 'pointsman-config-'));
  const file = path.join(home, 'pointsman.yaml');
  const read = () => loadConfig({ env: { POINTSMAN_HOME: home }, directory: '/nowhere' }).graphs;
  try {
    writeFileSync(
      file,
      'graphs: { a: ./graphs/a.mjs, b: "graphs/b.ts:made", c: { module: /c.mjs, export: default, description: C } }',
    );
    expect(read()).toEqual({
      a: { module: path.join(home, 'graphs/a.mjs') },
      b: { module: path.join(home, 'graphs/b.ts'), export: 'made' },
      c: { module: '/c.mjs', export: 'default', description: 'C' },
    });
    writeFileSync(file, 'graphs: { "no name": ./a.mjs }');
    expect(read).toThrow('POINTSMAN_GRAPHS');
    writeFileSync(file, 'graphs: { a: { module: ./a.mjs, run: true } }');
    expect(read).toThrow('POINTSMAN_GRAPHS');
  } finally {
    rmSync(home, { recursive: true });
  }
  const env = { POINTSMAN_HOME: '/nowhere' };
  expect(load(env).graphs).toEqual({});
  expect(load({ ...env, POINTSMAN_GRAPHS: '{"a":"a.mjs"}' }).graphs).toEqual({ a: { module: '/nowhere/a.mjs' } });
  expect(() => load({ ...env, POINTSMAN_GRAPHS: 'a.mjs' })).toThrow('must be a map of names to modules');
});

it('each setting says what has set it, and the file to change', () => {
  const home = mkdtempSync(path.join(os.tmpdir(), 'pointsman-config-'));
  const file = path.join(home, 'pointsman.yaml');
  const read = () => {
    const env = { POINTSMAN_HOME: home, POINTSMAN_PORT: '8080', POINTSMAN_LOG_LEVEL: '' };
    const config = loadConfig({ flags: { host: '127.0.0.2' }, env, directory: '/nowhere' });
    return new Map(settingsOf(config).map(({ name, source, file: place }) => [name, `${source} ${place}`]));
  };
  try {
    expect(read().get('keep_executions_days')).toBe(`default ${file}`);
    writeFileSync(file, 'keep_executions_days: 30\nport: 9000\nhost: 127.0.0.3');
    expect(Object.fromEntries(read())).toMatchObject({
      keep_executions_days: `file ${file}`,
      port: `variable ${file}`,
      host: `flag ${file}`,
      log_level: `default ${file}`,
    });
    const elsewhere = loadConfig({ env: { POINTSMAN_HOME: '/nowhere' }, directory: home });
    expect(elsewhere.origin.file).toBe(file);
  } finally {
    rmSync(home, { recursive: true });
  }
});
