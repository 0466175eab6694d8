import { Icon } from '../ui/icon.tsx';
import type { DeskPanel } from './desk-layout.ts';
import { usePanelFacts } from './panel-facts.ts';
import { t } from '../words/words.ts';
import styles from './desk.module.css';

interface Props {
  panel: DeskPanel;
  maximised: boolean;
  onMaximise: () => void;
  onClose: () => void;
}

/** Beside the titles of a group: for the panel in front of it. */
export function PanelActions({ panel, maximised, onMaximise, onClose }: Props) {
  const { spoken } = usePanelFacts(panel);
  return (
    <>
      <button
        type="button"
        className={styles['tool']}
        aria-pressed={maximised}
        aria-label={t('Maximise {spoken}', { spoken })}
        title={maximised ? t('Back among the others (z)') : t('Maximise (z)')}
        onClick={onMaximise}
      >
        <Icon name={maximised ? 'shrink' : 'fit'} size={14} />
      </button>
      <button
        type="button"
        className={styles['tool']}
        aria-label={t('Close {spoken}', { spoken })}
        title={t('Close (Del)')}
        onClick={onClose}
      >
        <Icon name="cross" size={14} />
      </button>
    </>
  );
}
