/** Reads JSON in which people leave comments and commas at the end of lists, as configurations of opencode may. */

/** Throws where it is not even that. */
export function parseWithComments(source: string): unknown {
  return JSON.parse(withoutExtras(source));
}

/** Each of these ends in one place only, or a comma would be taken for the last one. */
const TEXT = /"(?:[^"\\]|\\.)*"/;
const COMMENT = /\/\/[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\//;
const LAST_COMMA = new RegExp(`,(?=(?:\\s|${COMMENT.source})*[}\\]])`);
const TOKEN = new RegExp([TEXT, COMMENT, LAST_COMMA].map(({ source }) => source).join('|'), 'g');

function withoutExtras(source: string): string {
  return source.replace(TOKEN, (token) => (token.startsWith('"') ? token : ''));
}
