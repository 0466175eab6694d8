import Button from '@mui/material/Button';
import { Empty } from '../ui/empty.tsx';

export function NotFound() {
  return (
    <main style={{ display: 'grid', placeItems: 'center', minHeight: '70vh' }}>
      <Empty
        icon="search"
        title="There is no page at this address"
        action={<Button href="/">Go to the overview</Button>}
      >
        The link may be old, or what it showed was removed.
      </Empty>
    </main>
  );
}
