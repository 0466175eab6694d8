import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';

/** An address an agent printed is opened only after a person saw where it leads. */
export function LinkConfirm({ url, onClose }: { url: URL; onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} aria-labelledby="link-title" maxWidth="sm" fullWidth>
      <DialogTitle id="link-title">{rich('Open {host}?', { host: url.host })}</DialogTitle>
      <DialogContent>
        <p style={{ paddingBottom: 8 }}>{t('This address was printed by the agent. It opens in a new tab.')}</p>
        <pre
          style={{
            whiteSpace: 'pre-wrap',
            overflowWrap: 'anywhere',
            padding: 10,
            background: 'var(--sunken)',
            borderRadius: 6,
          }}
        >
          {url.href}
        </pre>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose} autoFocus>
          {t('Cancel')}
        </Button>
        <Button
          variant="contained"
          color="primary"
          onClick={() => {
            window.open(url.href, '_blank', 'noopener,noreferrer');
            onClose();
          }}
        >
          {rich('Open {host}', { host: url.host })}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
