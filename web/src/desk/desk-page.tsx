import Button from '@mui/material/Button';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useAgents, useExecutions } from '../live/use-topic.ts';
import { Page } from '../shell/page.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { AddPanel } from './add-panel.tsx';
import { type DeskLayout, type DeskPanel, panelKey, panelsOf, shownPanel, withPanels } from './desk-layout.ts';
import { DeskNotes } from './desk-notes.tsx';
import { DesksMenu } from './desks-menu.tsx';
import type { DockHandle } from './dock.tsx';
import { EmptyDesk } from './empty-desk.tsx';
import { lastDesk, rememberDesk } from './last-desk.ts';
import { PanelActions } from './panel-actions.tsx';
import { PanelBody } from './panel-body.tsx';
import { panelsIn } from './panel-kinds.ts';
import { PanelTab } from './panel-tab.tsx';
import { PhoneDesk } from './phone-desk.tsx';
import { useDeskActions } from './use-desk-actions.ts';
import { useDeskKeys } from './use-desk-keys.ts';
import { useHeldSeats } from './use-held-seats.ts';
import { useDesks } from './use-desks.ts';
import { t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './desk.module.css';

const Dock = lazy(() => import('./dock.tsx').then((module) => ({ default: module.Dock })));

/** Before it is drawn once. */
const SOME_SIZE = { width: 1200, height: 700 };

/** What an operator watches, laid out as they like. */
export function DeskPage() {
  const keyOf = useKeyOf('Desk');
  const search = useSearch({ from: '/app/desk' });
  const navigate = useNavigate();
  const phone = useMedia(PHONE);
  const { state, keeper } = useDesks();
  const agents = useAgents().data;
  const executions = useExecutions().data;
  const dock = useRef<DockHandle>(null);
  const [adding, setAdding] = useState(false);
  const [chosen, setActive] = useState<string | null>(null);
  const [maximised, setMaximised] = useState<string | null>(null);
  const { held, hold } = useHeldSeats();
  const [said, say] = useState('');
  const toFocus = useRef<string | null>(null);

  const desks = state.desks ?? [];
  const last = lastDesk();
  const desk = desks.find(({ id }) => id === search.desk) ?? desks.find(({ id }) => id === last) ?? desks[0];
  const layout = desk?.layout ?? null;
  const keys = panelsOf(layout).map(panelKey);
  const active = chosen !== null && keys.includes(chosen) ? chosen : (keys[0] ?? null);

  const open = (id: string): void => {
    rememberDesk(id);
    setMaximised(null);
    void navigate({ to: '/desk', search: { desk: id }, replace: true });
  };
  const actions = useDeskActions({ keeper, desk, open });
  /** To the front, with the focus at its title. */
  const goTo = (key: string, next: DeskLayout = layout): void => {
    toFocus.current = key;
    setActive(key);
    if (maximised !== null) setMaximised(key);
    actions.put(shownPanel(next, key));
  };
  const close = (key: string): void => {
    const at = keys.indexOf(key);
    const next = keys[at + 1] ?? keys[at - 1] ?? null;
    if (maximised === key) setMaximised(null);
    toFocus.current = next;
    setActive(next);
    actions.close(key);
  };
  const add = (panels: readonly DeskPanel[]): void => {
    const size = dock.current?.size();
    const lastOne = panels.at(-1);
    if (!lastOne || !actions.hasRoom(panels.length)) return;
    setMaximised(null);
    goTo(panelKey(lastOne), withPanels(layout, panels, size?.width ? size : SOME_SIZE));
  };
  useDeskKeys({
    layout,
    active,
    maximised,
    goTo,
    close,
    put: actions.put,
    setMaximised,
    onAdd: () => setAdding(true),
    say,
  });

  const addFromAddress = useEffectEvent((address: string) => {
    const nameOf = ({ of }: DeskPanel) =>
      agents?.find(({ id }) => id === of)?.name ?? executions?.find(({ id }) => id === of)?.name;
    add(panelsIn(address).map((panel) => ({ ...panel, ...(nameOf(panel) ? { name: nameOf(panel) ?? '' } : {}) })));
    void navigate({ to: '/desk', search: desk ? { desk: desk.id } : {}, replace: true });
  });
  const ready = state.desks !== null && agents !== undefined && executions !== undefined;
  useEffect(() => {
    // oxlint-disable-next-line react/set-state-in-effect -- the address is outside: what it asks for is done once
    if (ready && search.add !== undefined) addFromAddress(search.add);
  }, [ready, search.add]);
  useEffect(() => {
    if (desk) rememberDesk(desk.id);
  }, [desk]);
  useEffect(() => {
    const key = toFocus.current;
    if (key === null) return;
    // A dialog that closes gives the focus back first.
    const frame = requestAnimationFrame(() => {
      toFocus.current = null;
      dock.current?.focusTitle(key);
    });
    return () => cancelAnimationFrame(frame);
  }, [layout, active]);

  return (
    <Page
      title={t('Desk')}
      titleText={desk ? t('{name} · Desk', { name: desk.name }) : t('Desk')}
      actions={
        state.desks && (
          <>
            <DesksMenu
              desks={desks}
              current={desk}
              onOpen={open}
              onSaveAs={actions.saveAs}
              onRename={actions.rename}
              onDelete={actions.remove}
            />
            <Button
              variant={layout ? 'contained' : 'outlined'}
              color={layout ? 'primary' : 'inherit'}
              startIcon={<Icon name="plus" />}
              title={t('Add a panel ({key})', { key: keyOf('n') })}
              onClick={() => setAdding(true)}
            >
              {t('Add a panel')}
            </Button>
          </>
        )
      }
    >
      <DeskNotes state={state} keeper={keeper} />
      {!state.desks ? (
        state.problem !== null ? (
          <ErrorNote error={new Error(state.problem)} onRetry={() => void keeper.refresh()} />
        ) : (
          <Loading rows={8} label={t('Loading your desks')} />
        )
      ) : !layout ? (
        <EmptyDesk onTake={actions.put} onAdd={() => setAdding(true)} />
      ) : phone ? (
        <PhoneDesk layout={layout} active={active} held={held} onActive={setActive} onSeat={hold} onRemove={close} />
      ) : (
        <div className={styles['area']}>
          <Suspense fallback={<Loading rows={8} label={t('Laying out the desk')} />}>
            <Dock
              key={desk?.id}
              ref={dock}
              layout={layout}
              active={active}
              maximised={maximised}
              kept={held}
              onLayout={actions.moved}
              onActive={setActive}
              onMaximised={setMaximised}
              title={(panel, onSpoken) => (
                <PanelTab panel={panel} seat={held.has(panelKey(panel))} onSpoken={onSpoken} />
              )}
              body={(panel, isActive) => (
                <PanelBody
                  panel={panel}
                  active={isActive}
                  onSeat={(yours) => hold(panelKey(panel), yours)}
                  onRemove={() => close(panelKey(panel))}
                />
              )}
              actions={(panel) => (
                <PanelActions
                  panel={panel}
                  maximised={maximised === panelKey(panel)}
                  onMaximise={() => setMaximised(maximised === panelKey(panel) ? null : panelKey(panel))}
                  onClose={() => close(panelKey(panel))}
                />
              )}
            />
          </Suspense>
        </div>
      )}
      <p className="sr-only" role="status">
        {said}
      </p>
      {adding && <AddPanel layout={layout} onAdd={(panel) => add([panel])} onClose={() => setAdding(false)} />}
    </Page>
  );
}
