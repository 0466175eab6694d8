import { describe, expect, it } from 'vitest';
import { groupOf } from './desk-layout.ts';
import { DeskKeeper } from './desk-keeper.ts';
import { type Desk, storedForm } from './stored-desks.ts';

const desk = (id: string, name = id): Desk => ({ id, name, layout: groupOf({ kind: 'inbox' }) });

/** A server that several tabs speak to. */
function server(desks: Desk[] | null = null) {
  const kept = { value: desks && storedForm(desks), version: desks ? 1 : 0 };
  const log: string[] = [];
  let away = false;
  const answer = async <T>(work: () => T): Promise<T> => {
    if (away) throw new Error('away');
    return structuredClone(work());
  };
  const tab = async (): Promise<DeskKeeper> => {
    const keeper = new DeskKeeper({
      load: () => answer(() => kept),
      save: (value, version) =>
        answer(() => {
          log.push(version === kept.version ? 'saved' : 'refused');
          if (version !== kept.version) return null;
          Object.assign(kept, { value, version: version + 1 });
          return { version: kept.version };
        }),
    });
    await keeper.refresh();
    return keeper;
  };
  return { kept, log, tab, away: (is: boolean) => (away = is) };
}
const names = (keeper: DeskKeeper) => keeper.state().desks?.map(({ name }) => name);

describe('desks are kept', () => {
  it('from the first change on, and each change while one is under way goes with the next', async () => {
    const { kept, log, tab } = server();
    const keeper = await tab();
    expect(keeper.state()).toMatchObject({ desks: [], problem: null });
    for (const name of ['a', 'b', 'c', 'd']) keeper.change([desk('1', name)]);
    await keeper.save();
    expect(log).toEqual(['saved', 'saved']);
    expect(kept.value).toEqual(storedForm([desk('1', 'd')]));
    await keeper.save();
    expect(log).toHaveLength(2);
  });

  it('also after the server was away, and meanwhile it is said', async () => {
    const { kept, tab, away } = server([desk('1')]);
    const keeper = await tab();
    away(true);
    keeper.change([desk('1', 'new')]);
    await keeper.save();
    expect(keeper.state()).toMatchObject({ problem: 'away' });
    expect(names(keeper)).toEqual(['new']);
    away(false);
    await keeper.save();
    expect(keeper.state().problem).toBeNull();
    expect(kept.value).toEqual(storedForm([desk('1', 'new')]));
  });
});

describe('two tabs', () => {
  it('see each other’s changes when somebody comes back to them', async () => {
    const { tab } = server([desk('1')]);
    const [one, other] = [await tab(), await tab()];
    one.change([desk('1', 'new')]);
    await one.save();
    await other.refresh();
    expect(names(other)).toEqual(['new']);
  });

  it('that changed different desks keep both', async () => {
    const { kept, log, tab } = server([desk('1'), desk('2')]);
    const [one, other] = [await tab(), await tab()];
    one.change([desk('1', 'one'), desk('2')]);
    await one.save();
    other.change([desk('1'), desk('2', 'two')]);
    await other.save();
    expect(log).toEqual(['saved', 'refused', 'saved']);
    expect(kept.value).toEqual(storedForm([desk('1', 'one'), desk('2', 'two')]));
    expect(names(other)).toEqual(['one', 'two']);
  });

  it.each(['mine', 'theirs'] as const)('that changed the same one ask, and keep %s', async (whose) => {
    const { kept, tab } = server([desk('1')]);
    const [one, other] = [await tab(), await tab()];
    one.change([desk('1', 'one')]);
    await one.save();
    other.change([desk('1', 'two')]);
    await other.save();
    expect(other.state().both).toEqual(['two']);
    expect(kept.value).toEqual(storedForm([desk('1', 'one')]));
    other.change([desk('1', 'three')]); // goes on, and nothing is sent
    await other.save();
    expect(kept.value).toEqual(storedForm([desk('1', 'one')]));
    other.settle(whose);
    await other.save();
    expect(other.state().both).toEqual([]);
    const name = whose === 'mine' ? 'three' : 'one';
    expect(names(other)).toEqual([name]);
    expect(kept.value).toEqual(storedForm([desk('1', name)]));
  });
});
