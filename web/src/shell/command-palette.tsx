import { useNavigate } from '@tanstack/react-router';
import { useCommands } from './commands.ts';
import { Finder } from './finder.tsx';
import { t } from '../words/words.ts';

export function CommandPalette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const navigate = useNavigate();
  const commands = useCommands({ navigate, onShortcuts });
  return (
    <Finder
      label={t('Search and commands')}
      placeholder={t('Find a page, agent, workflow, execution or action')}
      commands={commands}
      onClose={onClose}
    />
  );
}
