import type { Setting } from '../../../src/contract/settings.ts';

/** What has set a value, in words. */
export function sourceWords({ source }: Setting): string {
  switch (source) {
    case 'flag':
      return 'from the command line';
    case 'variable':
      return 'from its variable';
    case 'file':
      return 'from the file';
    case 'default':
      return 'as usual';
  }
}

/** How a setting is changed, to go on a sentence with: which key of which file, or what comes before the file. */
export function HowToChange({ setting: { name, variable, source, file } }: { setting: Setting }) {
  const again = 'and start the server again.';
  if (source === 'flag') return <>it is set on the command line of the server: change it there {again}</>;
  if (source === 'variable')
    return (
      <>
        it is set by the variable <code>{variable}</code>, which comes before the file: change it there {again}
      </>
    );
  return (
    <>
      to change it, write <code>{name}</code> in <code>{file}</code> {again}
    </>
  );
}
