import type { Setting } from '../../../src/contract/settings.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';

/** What has set a value, in words. */
export function sourceWords({ source }: Setting): string {
  switch (source) {
    case 'flag':
      return t('from the command line');
    case 'variable':
      return t('from its variable');
    case 'file':
      return t('from the file');
    case 'default':
      return t('as usual');
  }
}

/** How a setting is changed, to go on a sentence with: which key of which file, or what comes before the file. */
export function HowToChange({ setting: { name, variable, source, file } }: { setting: Setting }) {
  const again = t('and start the server again.');
  if (source === 'flag')
    return <>{rich('it is set on the command line of the server: change it there {again}', { again })}</>;
  if (source === 'variable')
    return (
      <>
        {rich('it is set by the variable {variable}, which comes before the file: change it there {again}', {
          variable: <code>{variable}</code>,
          again,
        })}
      </>
    );
  return (
    <>
      {rich('to change it, write {name} in {file} {again}', {
        name: <code>{name}</code>,
        file: <code>{file}</code>,
        again,
      })}
    </>
  );
}
