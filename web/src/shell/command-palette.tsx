import { useNavigate } from '@tanstack/react-router';
import { useCommands } from './commands.ts';
import { Finder } from './finder.tsx';

export function CommandPalette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const navigate = useNavigate();
  const commands = useCommands({ navigate, onShortcuts });
  return (
    <Finder
      label="Search and commands"
      placeholder="Find a page, agent, workflow, execution or action"
      commands={commands}
      onClose={onClose}
    />
  );
}
