/** What is wrong with the document, asked of the server in the pauses of typing. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Problem } from '../../../src/contract/problem.ts';
import { request } from '../api/request.ts';
import type { Doc } from './document.ts';

const PAUSE_MS = 300; // shorter than a thought, longer than the gap between two letters
const NONE: readonly Problem[] = [];

export interface Validation {
  problems: readonly Problem[];
  /** The answer is for the document as it is now. */
  settled: boolean;
  valid: boolean;
}

export function useValidation(document: Doc): Validation {
  const [asked, setAsked] = useState(document);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(document), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [document]);
  const text = JSON.stringify(asked);
  const { data, isPlaceholderData } = useQuery({
    queryKey: ['validate', text],
    queryFn: ({ signal }) => request('POST /api/workflows/validate', { body: asked, signal }),
    placeholderData: (before) => before,
    gcTime: 10_000,
    staleTime: 10_000, // agents and workflows come and go
  });
  const settled = asked === document && data !== undefined && !isPlaceholderData;
  return { problems: data?.problems ?? NONE, settled, valid: settled && data.valid };
}
