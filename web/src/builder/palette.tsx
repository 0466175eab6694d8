import { Icon } from '../ui/icon.tsx';
import { nodeIcon } from '../workflows/node-look.ts';
import { NODE_DRAG } from './canvas.tsx';
import { NODE_KINDS } from './node-kinds.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './palette.module.css';

/** Every kind of node: dragged to where it should stand, or put in by a click. */
export function Palette({ onInsert }: { onInsert: (type: string) => void }) {
  const keyOf = useKeyOf('Workflow builder');
  return (
    <div className={styles['palette']} role="group" aria-label={t('Kinds of nodes')}>
      {NODE_KINDS.map((kind) => (
        <button
          key={kind.type}
          type="button"
          title={kind.what}
          draggable
          onDragStart={(event) => {
            event.dataTransfer.setData(NODE_DRAG, kind.type);
            event.dataTransfer.effectAllowed = 'copy';
          }}
          onClick={() => onInsert(kind.type)}
        >
          <Icon name={nodeIcon(kind.type)} />
          {kind.label}
        </button>
      ))}
      <p>{rich('Drag, click, or press {kbd}', { kbd: <kbd>{keyOf('n').toUpperCase()}</kbd> })}</p>
    </div>
  );
}
