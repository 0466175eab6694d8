/** What AG Grid says of its own accord, in the words of the reader; by its keys. */
import { t } from '../words/words.ts';

const WORDS: Record<string, string> = {
  ariaChecked: t('checked'),
  ariaHeaderSelection: t('Column with Header Selection'),
  ariaIndeterminate: t('indeterminate'),
  ariaRowSelectAll: t('Press Space to toggle all rows selection'),
  ariaRowSelectionDisabled: t('Row Selection is disabled for this row'),
  ariaRowToggleSelection: t('Press Space to toggle row selection'),
  ariaSortableColumn: t('Press ENTER to sort'),
  ariaUnchecked: t('unchecked'),
};

export function gridWords({ key, defaultValue }: { key: string; defaultValue: string }): string {
  return WORDS[key] ?? defaultValue;
}
