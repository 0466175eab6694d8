/** Times and amounts in the fewest words that still say it; pure. */
import { locale, t } from '../words/words.ts';

export function ageWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 && hours < 10 ? `${hours}h ${minutes % 60}m` : `${hours}h`;
  return `${Math.floor(hours / 24)}d`;
}

export function durationWords(ms: number): string {
  if (ms < 1000) return t('{max} ms', { max: Math.max(0, Math.round(ms)) });
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}

export function byteWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function percentWords(percent: number): string {
  return percent === 0 ? '0 %' : percent < 10 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}

/** US dollars; what costs less than a cent still says so. */
export function moneyWords(usd: number): string {
  if (usd > 0 && usd < 0.0001) return '< $0.0001';
  return usd > 0 && usd < 0.01 ? `$${usd.toFixed(4)}` : `$${usd.toLocaleString(locale, CENTS)}`;
}

const CENTS = { minimumFractionDigits: 2, maximumFractionDigits: 2 };

export function countWords(count: number): string {
  if (count < 10_000) return count.toLocaleString(locale);
  return count < 999_500 ? `${round(count / 1000)} k` : `${round(count / 1_000_000)} M`;
}

function round(value: number): string {
  return value < 100 ? value.toFixed(1) : String(Math.round(value));
}

export function clockWords(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  });
}

/** The day alone. */
export function dayWords(iso: string): string {
  return new Date(iso).toLocaleDateString(undefined, { dateStyle: 'medium' });
}

export function dateWords(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
