/** Requests to other machines on behalf of workflows. What they may reach is checked here, for every address and every redirect. */

export interface EgressRequest {
  method: string;
  url: string;
  /** By name in small letters. */
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** Follows redirects of GET and HEAD; every other answer that redirects is the answer. */
  follow: boolean;
  /** Of the answer, unpacked. */
  maxBodyBytes: number;
}

export interface EgressAnswer {
  status: number;
  /** By name in small letters; `set-cookie` alone can be several. */
  headers: Record<string, string | string[]>;
}

export type EgressOutcome =
  | ({ outcome: 'answered'; body: Uint8Array } & EgressAnswer)
  | ({ outcome: 'too_large' } & EgressAnswer)
  /** Nothing was sent there: the request, or an address it leads to, is not allowed. */
  | { outcome: 'refused'; code: 'HTTP_REQUEST_INVALID' | 'HTTP_ADDRESS_BLOCKED'; reason: string }
  /** There was no connection, so nothing was sent. */
  | { outcome: 'unreachable'; reason: string }
  /** The connection ended early: what was sent may have had its effect. */
  | { outcome: 'broken'; reason: string }
  /** The signal fired; the connection is closed. */
  | { outcome: 'aborted' };

export interface HttpEgress {
  send(request: EgressRequest, signal: AbortSignal): Promise<EgressOutcome>;
}
