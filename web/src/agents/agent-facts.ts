/** What stands small beside an agent's name. */
import type { Agent } from '../../../src/contract/agents.ts';
import { byteWords, percentWords } from '../ui/time-words.ts';

/** Role, kind and model, as far as there are any, each once: a role is often called like its kind. */
export function traitWords(...traits: (string | undefined)[]): string {
  return [...new Set(traits.filter(Boolean))].join(' · ');
}

/** Processor and memory; empty before they were measured and while nothing runs: every process has some memory. */
export function loadWords({ cpu, memory }: Pick<Agent, 'cpu' | 'memory'>): string {
  return memory > 0 ? `${percentWords(cpu)} · ${byteWords(memory)}` : '';
}
