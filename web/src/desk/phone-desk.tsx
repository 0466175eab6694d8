import { Icon } from '../ui/icon.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { type DeskNode, panelKey, panelsOf } from './desk-layout.ts';
import { PanelBody } from './panel-body.tsx';
import { PanelTab } from './panel-tab.tsx';
import styles from './desk.module.css';

interface Props {
  layout: DeskNode;
  active: string | null;
  onActive: (key: string) => void;
  onRemove: (key: string) => void;
}

/** A desk where there is room for one panel: the same panels, one at a time. */
export function PhoneDesk({ layout, active, onActive, onRemove }: Props) {
  const panels = panelsOf(layout);
  const shown = panels.find((panel) => panelKey(panel) === active) ?? panels[0];
  if (!shown) return null;
  const key = panelKey(shown);
  return (
    <div className={styles['phone']}>
      <div className={styles['strip']}>
        <Tabs
          label="Panels of this desk"
          value={key}
          onChange={onActive}
          tabs={panels.map((panel) => ({ value: panelKey(panel), label: <PanelTab panel={panel} /> }))}
        />
        <button
          type="button"
          className={styles['tool']}
          aria-label={`Close ${shown.name ?? shown.kind}`}
          onClick={() => onRemove(key)}
        >
          <Icon name="cross" />
        </button>
      </div>
      <div className={styles['one']} role="tabpanel" aria-label={shown.name ?? shown.kind} tabIndex={-1}>
        <PanelBody key={key} panel={shown} active onRemove={() => onRemove(key)} />
      </div>
    </div>
  );
}
