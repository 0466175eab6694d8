/** What every SharedState must do, as sentences. Run by the tests of each implementation. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StateNamespace } from '../contract/shared-state.ts';
import type { SharedState } from './shared-state.ts';

export function sharedStateConformance(subject: string, state: () => SharedState): void {
  describe(`${subject} as shared state`, () => {
    let namespace: string;
    beforeEach(() => {
      namespace = `test-${randomUUID()}`;
    });

    it('keeps a value under a version that grows by one with every write', async () => {
      expect(await state().get(namespace, 'key')).toBeNull();
      const first = await state().put(namespace, 'key', { a: 1 });
      expect(first).toMatchObject({ outcome: 'stored', entry: { value: { a: 1 }, version: 1 } });
      const second = await state().put(namespace, 'key', { a: 2 });
      expect(second).toMatchObject({ outcome: 'stored', entry: { value: { a: 2 }, version: 2 } });
      expect(await state().get(namespace, 'key')).toEqual(second.outcome === 'stored' && second.entry);
    });

    it('says when a value was written', async () => {
      const before = Date.now() - 1_000;
      await state().put(namespace, 'key', 1);
      const entry = await state().get(namespace, 'key');
      expect(entry?.updatedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(Date.parse(entry?.updatedAt ?? '')).toBeGreaterThan(before);
    });

    it('gives back any JSON as it was', async () => {
      const values = [
        null,
        false,
        0,
        -1.5e-7,
        9_007_199_254_740_991,
        '',
        'text "quoted" \\ 🎉',
        [],
        {},
        [1, [2, { three: null }]],
        { '': 1, 'a.b': { c: [] } },
      ];
      for (const [index, value] of values.entries()) {
        await state().put(namespace, `key-${index}`, value);
        expect((await state().get(namespace, `key-${index}`))?.value).toEqual(value);
      }
    });

    it('replaces a value by one of another kind, null too', async () => {
      for (const value of [{ a: 1 }, null, 'text', [1]]) {
        await state().put(namespace, 'key', value);
        expect((await state().get(namespace, 'key'))?.value).toEqual(value);
      }
    });

    it('takes text that storage cannot hold, and makes it harmless', async () => {
      const outcome = await state().put(namespace, 'key', { 'k\0e\ud800y': 'a\0b\udc00c', plain: '\\u0000 stays' });
      expect(outcome.outcome).toBe('stored');
      expect((await state().get(namespace, 'key'))?.value).toEqual({
        'k\ufffde\ufffdy': 'a\ufffdb\ufffdc',
        plain: '\\u0000 stays',
      });
    });

    it('stores with version 0 only where nothing is', async () => {
      expect(await state().put(namespace, 'key', 1, { ifVersion: 0 })).toMatchObject({
        outcome: 'stored',
        entry: { version: 1 },
      });
      expect(await state().put(namespace, 'key', 2, { ifVersion: 0 })).toMatchObject({
        outcome: 'conflict',
        current: { value: 1, version: 1 },
      });
    });

    it('stores on the version that was read only while it is the newest', async () => {
      await state().put(namespace, 'key', 'a');
      expect(await state().put(namespace, 'key', 'b', { ifVersion: 1 })).toMatchObject({
        outcome: 'stored',
        entry: { value: 'b', version: 2 },
      });
      expect(await state().put(namespace, 'key', 'c', { ifVersion: 1 })).toMatchObject({
        outcome: 'conflict',
        current: { value: 'b', version: 2 },
      });
      expect(await state().put(namespace, 'key', 'c', { ifVersion: 7 })).toMatchObject({
        outcome: 'conflict',
        current: { version: 2 },
      });
      expect(await state().put(namespace, 'absent', 'c', { ifVersion: 1 })).toEqual({
        outcome: 'conflict',
        current: null,
      });
    });

    it('lets exactly one of 20 writers win each version', async () => {
      await state().put(namespace, 'counter', 0);
      const stored: number[] = [];
      const writer = async (): Promise<void> => {
        for (;;) {
          const entry = await state().get(namespace, 'counter');
          const version = entry?.version ?? 0;
          const outcome = await state().put(namespace, 'counter', Number(entry?.value) + 1, { ifVersion: version });
          if (outcome.outcome === 'conflict') continue;
          stored.push(outcome.entry.version);
          return;
        }
      };
      await Promise.all(Array.from({ length: 20 }, writer));
      expect(await state().get(namespace, 'counter')).toMatchObject({ value: 20, version: 21 });
      expect(new Set(stored).size).toBe(20);
    });

    it('lets exactly one of 20 writers be the first', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) => state().put(namespace, 'key', index, { ifVersion: 0 })),
      );
      expect(outcomes.filter(({ outcome }) => outcome === 'stored')).toHaveLength(1);
    });

    it('counts every write of 20 writers that ask for no version', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, index) => state().put(namespace, 'key', index)));
      expect(await state().get(namespace, 'key')).toMatchObject({ version: 20 });
    });

    it('deletes what is there, and with a version only that one', async () => {
      expect(await state().delete(namespace, 'key')).toBe('absent');
      expect(await state().delete(namespace, 'key', { ifVersion: 1 })).toBe('absent');
      await state().put(namespace, 'key', 1);
      await state().put(namespace, 'key', 2);
      expect(await state().delete(namespace, 'key', { ifVersion: 1 })).toBe('conflict');
      expect(await state().delete(namespace, 'key', { ifVersion: 2 })).toBe('deleted');
      expect(await state().get(namespace, 'key')).toBeNull();
    });

    it('keeps namespaces apart', async () => {
      await state().put(namespace, 'key', 'mine');
      await state().put(`${namespace}-b`, 'key', 'theirs');
      await state().delete(`${namespace}-b`, 'key');
      expect((await state().get(namespace, 'key'))?.value).toBe('mine');
      expect(await state().list(`${namespace}-b`, { limit: 10 })).toEqual([]);
    });

    it('lists the namespaces that have entries, by the order of their characters, page by page', async () => {
      const names = ['B', 'a', 'a-b', 'aB', '0'].map((name) => `${namespace}.${name}`);
      for (const name of names) await state().put(name, 'key', 1);
      await state().put(`${namespace}.a`, 'another', 2);
      await state().put(`${namespace}.gone`, 'key', 1);
      await state().delete(`${namespace}.gone`, 'key');
      const seen: StateNamespace[] = [];
      for (let after = namespace; ;) {
        const page = await state().namespaces({ limit: 2, after });
        seen.push(...page.filter((found) => found.namespace.startsWith(`${namespace}.`)));
        after = page.at(-1)?.namespace ?? '';
        if (page.length < 2 || !after.startsWith(namespace)) break;
      }
      expect(seen.map((found) => found.namespace)).toEqual(names.toSorted());
      const two = seen.find((found) => found.namespace === `${namespace}.a`);
      expect(two).toEqual({
        namespace: `${namespace}.a`,
        entries: 2,
        updatedAt: (await state().get(`${namespace}.a`, 'another'))?.updatedAt,
      });
    });

    it('lists keys by the order of their characters, page by page', async () => {
      const keys = ['B', 'a', 'a-b', 'a.b', 'a_b', 'aB', 'b', '0', '10', '9'];
      for (const key of keys) await state().put(namespace, key, `value of ${key}`);
      const seen: string[] = [];
      for (let after: string | undefined; ;) {
        const page = await state().list(namespace, { limit: 3, ...(after === undefined ? {} : { after }) });
        seen.push(...page.map(({ key }) => key));
        after = page.at(-1)?.key;
        if (page.length < 3) break;
      }
      expect(seen).toEqual(keys.toSorted());
      const [first] = await state().list(namespace, { limit: 1 });
      expect(first).toMatchObject({ key: '0', value: 'value of 0', version: 1 });
    });
  });
}
