/** The API's description as one page to read and search; no script, so the strict policy holds for it too. */
import type { OpenApi } from './openapi.ts';

export function docsPage(document: OpenApi): string {
  const groups = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0] ?? 'other';
      const body = operation.requestBody ? `<h4>Body</h4><pre>${escape(pretty(operation.requestBody))}</pre>` : '';
      const parameters = operation.parameters
        ? `<h4>Parameters</h4><pre>${escape(pretty(operation.parameters))}</pre>`
        : '';
      groups.set(tag, [
        ...(groups.get(tag) ?? []),
        `<details id="${escape(operation.operationId)}"><summary><b class="${method}">${method.toUpperCase()}</b> <code>${escape(path)}</code> <span>${escape(operation.summary)}</span></summary>
<p>${escape(operation.description)}</p>${parameters}${body}<h4>Answers</h4><pre>${escape(pretty(operation.responses))}</pre></details>`,
      ]);
    }
  }
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      `<details id="schema-${escape(name)}"><summary><code>${escape(name)}</code></summary><pre>${escape(pretty(schema))}</pre></details>`,
  );
  const sections = [...groups]
    .map(([tag, items]) => `<section><h2>${escape(tag)}</h2>${items.join('\n')}</section>`)
    .join('\n');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Pointsman API</title><style>${STYLE}</style></head>
<body><header><h1>Pointsman API ${escape(document.info.version)}</h1><p>${escape(document.info.description)} For programs: <a href="/api/openapi.json">openapi.json</a>. <a href="/">Back to the app</a></p></header>
<main>${sections}<section><h2>Schemas</h2>${schemas.join('\n')}</section></main></body></html>`;
}

const STYLE = `:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent)}body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:0 auto;padding:24px}
h2{text-transform:capitalize;margin:32px 0 8px}details{border:1px solid var(--line);border-radius:8px;margin:6px 0;padding:8px 12px}summary{cursor:pointer;display:flex;gap:10px;align-items:baseline;flex-wrap:wrap}
summary span{opacity:.75}pre{overflow:auto;background:color-mix(in srgb,currentColor 6%,transparent);padding:12px;border-radius:6px;font-size:13px}b{font-size:12px;min-width:56px}.get{color:#1d7f4c}.post{color:#2f6fd0}.put,.patch{color:#a86400}.delete{color:#c5362f}`;

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
