/** n8n's HTTP Request as an http node. A request goes out as it was meant or not at all. */
import { literal, type Translate } from '../foreign-template.ts';
import { at, type Foreign, list, record, text } from '../foreign-value.ts';
import { n8nText } from './expression.ts';
import type { Made, NodeContext } from './nodes.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export function n8nRequest({ node, translate, draft, id }: NodeContext): Made {
  const { parameters, source } = node;
  const method = (text(parameters['method']) || text(parameters['requestMethod']) || 'GET').toUpperCase();
  if (!METHODS.includes(method)) return { why: `${method} is no method that can be sent.` };
  const left: string[] = [];
  const fill = (value: unknown): string => {
    const written = n8nText(value, translate);
    left.push(...written.left);
    return written.text;
  };
  const query = pairs(parameters, 'query', parameters['sendQuery']);
  if (query.some(({ value }) => value.startsWith('=')))
    return { why: 'what is filled into its query would not be encoded: write the URL out.' };
  const suffix = query.map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  const url = fill(parameters['url']);
  if (url.trim() === '') return { why: 'it has no URL.' };
  const headers: Record<string, string> = Object.create(null);
  for (const { name, value } of pairs(parameters, 'header', parameters['sendHeaders'])) headers[name] = fill(value);
  const body = bodyOf(parameters, fill, translate);
  if ('why' in body) return body;
  if (left[0] !== undefined) return { why: `the expression ${left[0]} is JavaScript.` };
  if (body.json && !Object.keys(headers).some((name) => /^content-type$/i.test(name)))
    headers['Content-Type'] = 'application/json';
  const authentication = text(parameters['authentication']);
  if (authentication !== '' && authentication !== 'none')
    draft.unmapped(source, 'It signs in with a credential: make a secret and name it in `secret`.', {
      nodeId: id,
      field: '/parameters/authentication',
    });
  const timeoutMs = Number(at(parameters, 'options', 'timeout'));
  return {
    node: {
      type: 'http',
      config: {
        method,
        url: suffix === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${suffix}`,
        ...(Object.keys(headers).length === 0 ? {} : { headers: { ...headers } }),
        ...(body.value === undefined ? {} : { body: body.value }),
      },
      ...(timeoutMs > 0 ? { timeout: `PT${Math.ceil(timeoutMs / 1000)}S` } : {}),
    },
  };
}

/** Names and values of the query, the headers or the body; of both forms that n8n has had. */
function pairs(parameters: Foreign, what: string, sent: unknown): { name: string; value: string }[] {
  if (sent === false) return [];
  const newer = list(at(parameters, `${what}Parameters`, 'parameters'));
  const older = list(at(parameters, `${what}ParametersUi`, 'parameter'));
  return [...newer, ...older]
    .map((entry) => ({ name: text(at(entry, 'name')), value: text(at(entry, 'value')) }))
    .filter(({ name }) => name !== '' && name !== '__proto__');
}

type Body = { value?: unknown; json?: boolean } | { why: string };

function bodyOf(
  parameters: Foreign,
  fill: (value: unknown) => string,
  translate: Translate,
): Body & { json?: boolean; value?: unknown } {
  const type = text(parameters['contentType']) || text(parameters['bodyContentType']) || 'json';
  const given = pairs(parameters, 'body', parameters['sendBody']);
  if (parameters['sendBody'] !== true && given.length === 0) return {};
  if (type === 'raw') return { value: fill(parameters['body']) };
  if (type !== 'json') return { why: `it sends a body of the kind ${type}.` };
  if (parameters['specifyBody'] !== 'json')
    return { value: Object.fromEntries(given.map(({ name, value }) => [name, fill(value)])) };
  const written = text(parameters['jsonBody']) || JSON.stringify(parameters['jsonBody'] ?? null);
  if (written.startsWith('=')) {
    const whole = n8nText(written, translate).whole;
    return { value: fill(written), json: whole === undefined };
  }
  try {
    return { value: inert(JSON.parse(written)) };
  } catch {
    return { why: 'its body is no JSON.' };
  }
}

/** JSON in which every text says what it says. */
export function inert(value: unknown): unknown {
  if (typeof value === 'string') return literal(value);
  if (Array.isArray(value)) return value.map(inert);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(record(value)).flatMap(([key, item]) => (key === '__proto__' ? [] : [[key, inert(item)]])),
  );
}
