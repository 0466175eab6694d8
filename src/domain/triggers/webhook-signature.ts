// How callers of webhooks sign: our own header, Standard Webhooks, GitHub's. Reads headers; computes no code itself.

/** A clock may be so much wrong, and a call so long on its way. */
export const TOLERANCE_MS = 5 * 60_000;
/** Retries of one message come for days under one id. */
const MESSAGE_KEPT_MS = 7 * 24 * 3_600_000;

export interface SignedCall {
  /** How the codes are written. */
  encoding: 'hex' | 'base64';
  /** Signed before the exact body. */
  prefix: string;
  /** A caller that changes its secret signs with both. */
  codes: readonly string[];
  /** When it was signed; null: the caller does not say, so it never becomes too old. */
  signedAtMs: number | null;
  /** The caller's signed name of the message: the same one again is a retry, not a replay. */
  messageId: string | null;
  /** Whether a secret that begins with `whsec_` stands for the bytes behind that. */
  decodesSecret: boolean;
}

type Headers = Readonly<Record<string, string | undefined>>;

const MOST_CODES = 5;

/** Null when no header has a form that is known. */
export function readSignature(headers: Headers): SignedCall | null {
  return ownForm(headers) ?? standardForm(headers) ?? githubForm(headers);
}

/** `Pointsman-Signature: t=1700000000,v1=HEX`, over `t.body`. */
function ownForm(headers: Headers): SignedCall | null {
  const header = headers['pointsman-signature'];
  if (header === undefined) return null;
  const parts = header.split(',').map((part) => part.trim());
  const seconds = parts.find((part) => part.startsWith('t='))?.slice(2);
  const codes = parts.filter((part) => part.startsWith('v1=')).map((part) => part.slice(3).toLowerCase());
  const signedAtMs = atMs(seconds);
  if (signedAtMs === null || codes.length === 0) return null;
  return {
    encoding: 'hex',
    prefix: `${seconds}.`,
    codes: codes.slice(0, MOST_CODES),
    signedAtMs,
    messageId: null,
    decodesSecret: false,
  };
}

/** `webhook-id`, `webhook-timestamp` and `webhook-signature: v1,BASE64`, over `id.timestamp.body`. */
function standardForm(headers: Headers): SignedCall | null {
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': header } = headers;
  if (id === undefined || header === undefined || id.length > 200) return null;
  const codes = header.split(' ').flatMap((part) => (part.startsWith('v1,') ? [part.slice(3)] : []));
  const signedAtMs = atMs(seconds);
  if (signedAtMs === null || codes.length === 0) return null;
  return {
    encoding: 'base64',
    prefix: `${id}.${seconds}.`,
    codes: codes.slice(0, MOST_CODES),
    signedAtMs,
    messageId: id,
    decodesSecret: true,
  };
}

/** `X-Hub-Signature-256: sha256=HEX`, over the body alone. */
function githubForm(headers: Headers): SignedCall | null {
  const code = /^sha256=([0-9a-f]{64})$/i.exec(headers['x-hub-signature-256'] ?? '')?.[1];
  if (code === undefined) return null;
  return {
    encoding: 'hex',
    prefix: '',
    codes: [code.toLowerCase()],
    signedAtMs: null,
    messageId: null,
    decodesSecret: false,
  };
}

function atMs(seconds: string | undefined): number | null {
  return seconds !== undefined && /^\d{1,12}$/.test(seconds) ? Number(seconds) * 1000 : null;
}

export function isTimely({ signedAtMs }: SignedCall, nowMs: number): boolean {
  return signedAtMs === null || Math.abs(nowMs - signedAtMs) <= TOLERANCE_MS;
}

/** What must be remembered so that a call is taken once, and until when; null: as long as the secret is. */
export function replayKey(
  { messageId, signedAtMs }: SignedCall,
  { code, nowMs }: { code: string; nowMs: number },
): { key: string; expiresAt: string | null } {
  if (messageId !== null) return { key: `id ${messageId}`, expiresAt: new Date(nowMs + MESSAGE_KEPT_MS).toISOString() };
  // Until its time is outside the tolerance, with a second for the rounding.
  const expiresAt = signedAtMs === null ? null : new Date(signedAtMs + TOLERANCE_MS + 1_000).toISOString();
  return { key: `code ${code}`, expiresAt };
}
