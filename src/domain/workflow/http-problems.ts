// What is wrong inside http and notify nodes before anything is sent: addresses, headers, where a secret would go, channels.
import { ChannelName } from '../../contract/channels.ts';
import { SecretName } from '../../contract/secrets.ts';
import type { HttpConfig, NotifyConfig } from '../../contract/workflow-document.ts';
import type { DocumentProblems } from './document-problems.ts';
import { didYouMean } from './nearest-name.ts';
import type { JsonPath } from './parse-workflow.ts';

const REFERENCE = 'secret:';
/** What the client says itself, or what would make of one request another. */
const NOT_YOURS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function reportHttp(config: HttpConfig, path: JsonPath, problems: DocumentProblems): void {
  reportUrl(config, [...path, 'url'], problems);
  if (config.secret !== undefined && !config.secret.includes('{{'))
    reportSecretName(config.secret, [...path, 'secret'], problems);
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(config.headers ?? {})) {
    const place = [...path, 'headers', name];
    const lower = name.toLowerCase();
    const add = (code: string, message: string) => problems.add({ path: place, code, message });
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) add('INVALID_HEADER', `${JSON.stringify(name)} is no header.`);
    else if (NOT_YOURS.has(lower)) add('HEADER_NOT_ALLOWED', `The header ${name} is written by the client itself.`);
    else if (seen.has(lower)) add('INVALID_HEADER', `The header ${name} is there twice.`);
    else if (lower === 'authorization' && config.secret !== undefined)
      add('HEADER_NOT_ALLOWED', '`secret` is sent as this header. Leave one of them out.');
    seen.add(lower);
    if (value.startsWith(REFERENCE) && !value.includes('{{'))
      reportSecretName(value.slice(REFERENCE.length), place, problems);
  }
}

export function reportChannel(
  { channel }: NotifyConfig,
  path: JsonPath,
  channels: readonly string[] | undefined,
  problems: DocumentProblems,
): void {
  if (!channels || channel.includes('{{') || channels.includes(channel)) return;
  const none = channels.length === 0 ? ' There are no channels yet: an administrator makes one.' : '';
  problems.add({
    path,
    code: 'UNKNOWN_CHANNEL',
    message: ChannelName.safeParse(channel).success
      ? `There is no channel ${JSON.stringify(channel)}.${didYouMean(channel, channels)}${none}`
      : `${JSON.stringify(channel)} cannot be the name of a channel.${didYouMean(channel, channels)}`,
  });
}

/** A secret goes where the document says, not where whoever executes it says. */
function reportUrl({ url, secret, headers }: HttpConfig, path: JsonPath, problems: DocumentProblems): void {
  const sendsSecret = secret !== undefined || Object.values(headers ?? {}).some((value) => value.startsWith(REFERENCE));
  if (url.includes('{{')) {
    if (!sendsSecret || /^https?:\/\/[^\s{}/?#\\@]+[/?#]/i.test(url)) return;
    const message =
      'With a secret the URL must name its host itself: a {{ }} may only come after the / that follows it.';
    problems.add({ path, code: 'SECRET_TO_ANY_HOST', message });
    return;
  }
  if (/^https?:\/\/[^\s/?#\\]/i.test(url) && !/^https?:\/\/[^/?#\\]*@/i.test(url)) return;
  const message = /@/.test(url)
    ? 'A URL holds no name or password: give it as a header, from a secret.'
    : `${JSON.stringify(url)} is not an http or https URL.`;
  problems.add({ path, code: 'INVALID_URL', message });
}

function reportSecretName(name: string, path: JsonPath, problems: DocumentProblems): void {
  if (SecretName.safeParse(name).success) return;
  problems.add({
    path,
    code: 'INVALID_VALUE',
    message: `${JSON.stringify(name)} cannot be the name of a secret: letters, digits and _, not beginning with a digit.`,
  });
}
