import { useNavigate } from '@tanstack/react-router';
import { useCommands } from './commands.ts';
import { Finder } from './finder.tsx';
import { t } from '../words/words.ts';

interface Props {
  /** Was typed before it was there. */
  typed: string;
  onClose: () => void;
  onShortcuts: () => void;
}

export function CommandPalette({ typed, onClose, onShortcuts }: Props) {
  const navigate = useNavigate();
  const commands = useCommands({ navigate, onShortcuts });
  return (
    <Finder
      label={t('Search and commands')}
      placeholder={t('Find a page, agent, workflow, execution or action')}
      commands={commands}
      typed={typed}
      onClose={onClose}
    />
  );
}
