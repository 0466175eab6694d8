/** Findings as GitHub Actions reads them from a log, so that they stand beside the line of the file in a change. */
import type { ProblemItem } from '../../contract/errors.ts';

export interface Finding {
  severity: ProblemItem['severity'];
  file: string;
  line?: number | undefined;
  column?: number | undefined;
  title: string;
  message: string;
}

/** `::error file=ship.yaml,line=3,col=5,title=UNKNOWN_TYPE::There is no type shel.` */
export function githubAnnotation({ severity, file, line, column, title, message }: Finding): string {
  const properties = Object.entries({ file, line, col: line === undefined ? undefined : column, title });
  const written = properties.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${escaped(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')}`],
  );
  return `::${severity} ${written.join(',')}::${escaped(message)}`;
}

/** A new line would end the command, and what follows could be another one. */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
