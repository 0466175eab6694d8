/** What a person does with their desks, each with the way back. */
import { newId } from '../api/new-id.ts';
import { toast } from '../ui/toasts.ts';
import type { DeskKeeper } from './desk-keeper.ts';
import { type DeskLayout, panelKey, panelsOf, sameShape, withoutPanel, withPanels } from './desk-layout.ts';
import { type Desk, freeName, MOST_PANELS, withDesk, withoutDesk } from './stored-desks.ts';
import { t } from '../words/words.ts';

const FIRST_NAME = t('Desk');

interface Options {
  keeper: DeskKeeper;
  desk: Desk | undefined;
  open: (id: string) => void;
}

export function useDeskActions({ keeper, desk, open }: Options) {
  const desks = (): readonly Desk[] => keeper.state().desks ?? [];
  /** The desk that is shown, or the first one. */
  const put = (layout: DeskLayout, options?: { calm?: boolean }): void => {
    const shown = desks().find(({ id }) => id === desk?.id) ?? {
      id: newId(),
      name: freeName(desks(), FIRST_NAME),
      layout: null,
    };
    keeper.change(withDesk(desks(), { ...shown, layout }), options);
    if (!desk) open(shown.id);
  };
  const tellClosed = (before: DeskLayout, after: DeskLayout): void => {
    const left = new Set(panelsOf(after).map(panelKey));
    const closed = panelsOf(before).filter((panel) => !left.has(panelKey(panel)));
    if (closed.length === 0 || !desk) return;
    const undo = (): void => {
      const now = desks().find(({ id }) => id === desk.id);
      if (!now) return;
      // Back where it was, unless other things were moved since.
      const layout = sameShape(now.layout, after)
        ? before
        : withPanels(now.layout, closed, { width: 1200, height: 700 });
      keeper.change(withDesk(desks(), { ...now, layout }));
    };
    toast(t('{map} is off the desk', { map: closed.map(({ name, kind }) => name ?? kind).join(', ') }), {
      tone: 'info',
      action: { label: t('Undo'), run: undo },
    });
  };
  return {
    put,
    /** By the mouse, or by the keys of a title. */
    moved: (layout: DeskLayout, { sizesOnly }: { sizesOnly: boolean }): void => {
      tellClosed(desk?.layout ?? null, layout);
      put(layout, { calm: sizesOnly });
    },
    close: (key: string): void => {
      const before = desk?.layout ?? null;
      const after = withoutPanel(before, key);
      put(after);
      tellClosed(before, after);
    },
    hasRoom: (more: number): boolean => {
      const fits = panelsOf(desk?.layout ?? null).length + more <= MOST_PANELS;
      if (!fits)
        toast(t('A desk holds at most {MOST_PANELS} panels. Put more on another desk.', { MOST_PANELS }), {
          tone: 'bad',
        });
      return fits;
    },
    saveAs: (name: string, from: 'this' | 'empty'): void => {
      const layout = from === 'this' ? (desk?.layout ?? null) : null;
      const made = { id: newId(), name: freeName(desks(), name || FIRST_NAME), layout };
      keeper.change([...desks(), made]);
      open(made.id);
    },
    rename: (id: string, name: string): void => {
      const found = desks().find((each) => each.id === id);
      if (found) keeper.change(withDesk(desks(), { ...found, name: freeName(withoutDesk(desks(), id), name) }));
    },
    remove: (removed: Desk): void => {
      const at = desks().findIndex(({ id }) => id === removed.id);
      keeper.change(withoutDesk(desks(), removed.id));
      toast(t('The desk {name} is deleted', { name: removed.name }), {
        tone: 'info',
        action: {
          label: t('Undo'),
          run: () => {
            keeper.change(desks().toSpliced(at, 0, removed));
            open(removed.id);
          },
        },
      });
    },
  };
}
