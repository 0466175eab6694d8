/** What the command key is called on this machine. */
import { t } from '../words/words.ts';

export const modKey = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : t('Ctrl');
