import { Icon } from '../ui/icon.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { type DeskNode, panelKey, panelsOf } from './desk-layout.ts';
import { PanelBody } from './panel-body.tsx';
import { PanelTab } from './panel-tab.tsx';
import { t } from '../words/words.ts';
import styles from './desk.module.css';

interface Props {
  layout: DeskNode;
  active: string | null;
  /** Panels whose terminal the person holds the seat of. */
  held: ReadonlySet<string>;
  onActive: (key: string) => void;
  onSeat: (key: string, yours: boolean) => void;
  onRemove: (key: string) => void;
}

/** A desk where there is room for one panel: the same panels, one at a time. */
export function PhoneDesk({ layout, active, held, onActive, onSeat, onRemove }: Props) {
  const panels = panelsOf(layout);
  const shown = panels.find((panel) => panelKey(panel) === active) ?? panels[0];
  if (!shown) return null;
  const key = panelKey(shown);
  const drawn = panels.filter((panel) => panel === shown || held.has(panelKey(panel)));
  return (
    <div className={styles['phone']}>
      <div className={styles['strip']}>
        <Tabs
          label={t('Panels of this desk')}
          value={key}
          onChange={onActive}
          tabs={panels.map((panel) => ({
            value: panelKey(panel),
            label: <PanelTab panel={panel} seat={held.has(panelKey(panel))} />,
          }))}
        />
        <button
          type="button"
          className={styles['tool']}
          aria-label={t('Close {name}', { name: shown.name ?? shown.kind })}
          onClick={() => onRemove(key)}
        >
          <Icon name="cross" />
        </button>
      </div>
      <div className={styles['one']} role="tabpanel" aria-label={shown.name ?? shown.kind} tabIndex={-1}>
        {drawn.map((panel) => (
          <div key={panelKey(panel)} hidden={panel !== shown}>
            <PanelBody
              panel={panel}
              active={panel === shown}
              onSeat={(yours) => onSeat(panelKey(panel), yours)}
              onRemove={() => onRemove(panelKey(panel))}
            />
          </div>
        ))}
      </div>
    </div>
  );
}
