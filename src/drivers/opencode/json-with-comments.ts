/** Reads JSON in which people leave comments and commas at the end of lists, as configurations of opencode may. */

/** Throws where it is not even that. */
export function parseWithComments(source: string): unknown {
  return JSON.parse(withoutExtras(source));
}

const TOKEN = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|,(?=(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*[}\]])/g;

function withoutExtras(source: string): string {
  return source.replace(TOKEN, (token) => (token.startsWith('"') ? token : ''));
}
