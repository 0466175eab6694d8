import { type DeskNode, isSplit, panelKey } from './desk-layout.ts';
import { PanelTab } from './panel-tab.tsx';
import styles from './desk.module.css';

/** A layout in small: where each panel would lie, and how it is now. */
export function DeskSketch({ layout }: { layout: DeskNode }) {
  if (isSplit(layout))
    return (
      <div className={styles['split']} data-across={layout.across}>
        {layout.parts.map(({ share, node }, index) => (
          <div key={index} className={styles['part']} style={{ flex: `${share} 1 0` }}>
            <DeskSketch layout={node} />
          </div>
        ))}
      </div>
    );
  return (
    <div className={styles['card']}>
      {layout.panels.map((panel) => (
        <PanelTab key={panelKey(panel)} panel={panel} />
      ))}
    </div>
  );
}
