/** What the fields of the inspector share: where a value goes, what is known, what is wrong. */
import { createContext, use } from 'react';
import type { Problem } from '../../../src/contract/problem.ts';
import type { Known } from './completion.ts';
import type { Path } from './document.ts';
import type { DocumentFields } from './fields.ts';

export interface FieldContext {
  set: (path: Path, value: unknown) => void;
  problems: readonly Problem[];
  fields: DocumentFields;
  known: Known;
  /** Lists that map nodes around the field go over, from the outside in. */
  items: readonly { as: string; over: string }[];
  agents: readonly { name: string; capabilities: readonly string[] }[];
  workflows: readonly string[];
  /** The execution whose data expressions are tried on. */
  execution: { id: string; name: string } | null;
  readOnly: boolean;
}

const Context = createContext<FieldContext | null>(null);
export const FieldsAround = Context.Provider;

export function useFields(): FieldContext {
  const context = use(Context);
  if (!context) throw new Error('fields stand in an inspector');
  return context;
}
