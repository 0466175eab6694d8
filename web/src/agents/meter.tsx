import styles from './meter.module.css';

/** A share of one as a short bar beside its words. */
export function Meter({ share, text }: { share: number; text: string }) {
  return (
    <span className={styles['meter']}>
      <span className={styles['track']} aria-hidden="true">
        <span
          className={styles['fill']}
          style={{ transform: `scaleX(${Math.max(0, Math.min(1, share))})` }}
          data-high={share > 0.8}
        />
      </span>
      <span className={styles['text']}>{text}</span>
    </span>
  );
}
