/** One request to addresses that were checked, and its answer up to a size. Knows no redirects and no rules. */
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { EgressAnswer, EgressOutcome, EgressRequest } from '../../ports/http-egress.ts';
import { codeOf, type ResolvedAddress } from './checked-address.ts';

const UNPACK: Readonly<Record<string, (data: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

export interface Exchange {
  url: URL;
  host: string;
  /** The connection goes to one of these; the name is not asked for again. */
  addresses: readonly ResolvedAddress[];
  request: EgressRequest;
  signal: AbortSignal;
}

export async function exchange(options: Exchange): Promise<EgressOutcome> {
  const outcome = await transfer(options);
  return outcome.outcome === 'answered' ? unpacked(outcome, options.request.maxBodyBytes) : outcome;
}

function transfer({ url, host, addresses, request, signal }: Exchange): Promise<EgressOutcome> {
  const secure = url.protocol === 'https:';
  return new Promise((resolve) => {
    let connected = false;
    const failed = (error: unknown): void => {
      if (signal.aborted) resolve({ outcome: 'aborted' });
      else if (connected)
        resolve({ outcome: 'broken', reason: `the connection to ${url.host} broke: ${codeOf(error)}` });
      else resolve({ outcome: 'unreachable', reason: `there is no connection to ${url.host}: ${codeOf(error)}` });
    };
    let sent: http.ClientRequest;
    try {
      sent = (secure ? https : http).request({
        agent: false,
        method: request.method,
        hostname: host,
        port: url.port || (secure ? 443 : 80),
        path: `${url.pathname}${url.search}`,
        headers: withLength(request, url),
        lookup: (_name, { all }, callback) => {
          const [first] = addresses;
          if (all) callback(null, [...addresses]);
          else callback(null, first?.address ?? '', first?.family);
        },
        ...(secure && !isIP(host) ? { servername: host } : {}),
        signal,
      });
    } catch (error) {
      // What no request can hold, a header with a line break for one.
      const reason = error instanceof Error ? error.message : String(error);
      resolve({ outcome: 'refused', code: 'HTTP_REQUEST_INVALID', reason });
      return;
    }
    sent.on('socket', (socket) => socket.once(secure ? 'secureConnect' : 'connect', () => (connected = true)));
    sent.on('error', failed);
    sent.on('response', (response) => {
      const answer = answerOf(response);
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= request.maxBodyBytes) return void chunks.push(chunk);
        resolve({ outcome: 'too_large', ...answer });
        sent.destroy();
      });
      response.on('error', failed);
      response.on('end', () => {
        if (response.complete) resolve({ outcome: 'answered', ...answer, body: Buffer.concat(chunks) });
        else failed(new Error('the answer is not complete'));
      });
    });
    sent.end(request.body);
  });
}

/** Of every method: some servers wait for a body without it. */
function withLength({ method, headers, body }: EgressRequest, url: URL): Record<string, string> {
  const expectsBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  const length = body === undefined ? (expectsBody ? '0' : undefined) : String(Buffer.byteLength(body));
  return { ...headers, host: url.host, ...(length === undefined ? {} : { 'content-length': length }) };
}

function answerOf({ statusCode = 0, headers }: http.IncomingMessage): EgressAnswer {
  const given = Object.entries(headers).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined);
  return { status: statusCode, headers: Object.fromEntries(given) };
}

/** Nobody was asked to pack it, but some do; a small packet can hold a very large body. */
async function unpacked(
  answer: Extract<EgressOutcome, { outcome: 'answered' }>,
  maxOutputLength: number,
): Promise<EgressOutcome> {
  const { 'content-encoding': encoding, 'content-length': _, ...headers } = answer.headers;
  const unpack = UNPACK[String(encoding).toLowerCase()];
  if (!unpack || answer.body.length === 0) return answer;
  try {
    return { ...answer, headers, body: await unpack(Buffer.from(answer.body), { maxOutputLength }) };
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE')
      return { outcome: 'too_large', status: answer.status, headers: answer.headers };
    return answer;
  }
}
