import styles from './meter.module.css';

/** A share of one as a short bar beside its words; `even` where a high share is nothing to be warned of. */
export function Meter({ share, text, even = false }: { share: number; text: string; even?: boolean }) {
  return (
    <span className={styles['meter']}>
      <span className={styles['track']} aria-hidden="true">
        <span
          className={styles['fill']}
          style={{ transform: `scaleX(${Math.max(0, Math.min(1, share))})` }}
          data-high={!even && share > 0.8}
        />
      </span>
      <span className={styles['text']}>{text}</span>
    </span>
  );
}
