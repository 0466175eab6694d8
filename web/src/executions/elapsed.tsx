import { useNow } from '../ui/now.ts';
import { durationWords } from '../ui/time-words.ts';

/** How long something took, or takes so far. */
export function Elapsed({
  startedAt,
  finishedAt,
}: {
  startedAt: string | null | undefined;
  finishedAt: string | undefined;
}) {
  if (!startedAt) return <span>–</span>;
  if (finishedAt) return <span>{durationWords(Date.parse(finishedAt) - Date.parse(startedAt))}</span>;
  return <SoFar startedAt={startedAt} />;
}

function SoFar({ startedAt }: { startedAt: string }) {
  const now = useNow();
  return <span>{durationWords(Math.max(0, Math.floor((now - Date.parse(startedAt)) / 1000) * 1000))}</span>;
}
