/** In the place of a finder that is still being loaded: keeps what is typed meanwhile, which the page would take for its keys. */
export function OpeningFinder({ label, onType }: { label: string; onType: (typed: string) => void }) {
  return (
    <div role="dialog" aria-label={label} style={{ position: 'fixed', opacity: 0 }}>
      <input autoFocus aria-label={label} onChange={(event) => onType(event.target.value)} />
    </div>
  );
}
