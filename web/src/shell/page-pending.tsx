import { Loading } from '../ui/empty.tsx';

export function PagePending() {
  return <Loading rows={6} label="Loading the page" />;
}
