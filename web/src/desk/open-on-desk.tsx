import Button from '@mui/material/Button';
import { useNavigate } from '@tanstack/react-router';
import { Icon } from '../ui/icon.tsx';
import type { DeskPanel } from './desk-layout.ts';
import { addressOf } from './panel-kinds.ts';
import { t } from '../words/words.ts';

/** Puts these onto the desk that was open last, and goes there. */
export function OpenOnDesk({ panels }: { panels: readonly DeskPanel[] }) {
  const navigate = useNavigate();
  return (
    <Button
      startIcon={<Icon name="desk" />}
      onClick={() => void navigate({ to: '/desk', search: { add: addressOf(panels) } })}
    >
      {t('Open on the desk')}
    </Button>
  );
}
