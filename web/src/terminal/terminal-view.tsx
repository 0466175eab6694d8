/** One agent's live terminal: its own columns and rows, scaled to the room there is; typing only with the seat. */
import '@xterm/xterm/css/xterm.css';
import { SearchAddon } from '@xterm/addon-search';
import { Terminal } from '@xterm/xterm';
import Button from '@mui/material/Button';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { fastRenderer } from './fast-renderer.ts';
import { useKeys, useNamedKeys } from '../ui/keys.ts';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toasts.ts';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { FontSearch, LEAST_PX } from './font-size.ts';
import { LinkConfirm } from './link-confirm.tsx';
import { isReport, silence } from './silence.ts';
import { TerminalLink, type TerminalLinkState } from './terminal-link.ts';
import { linkProvider, openableUrl } from './terminal-links.ts';
import { TERMINAL_THEME } from './terminal-theme.ts';
import { plural, t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './terminal-view.module.css';

interface Seat {
  by: string | null;
  yours: boolean;
  observers: number;
}

interface Props {
  agentId: string;
  name: string;
  mayType: boolean;
  /** A decision is pending: input is refused by the server. */
  blocked: boolean;
  /** Whether it should have a terminal by its status; a change is a reason to look. */
  running: boolean;
  /** As large as the box it is in, instead of in the shape of its screen. */
  fill?: boolean;
  /** Whether `s` takes this seat, where there are several terminals. */
  keys?: boolean;
  /** Told when the seat is taken here and when it is gone, also with this view. */
  onSeat?: ((yours: boolean) => void) | undefined;
}

const READABLE_PX = 11; // on a phone, or in a panel; the terminal then scrolls inside its box
const MARGIN_PX = 12;
// The usual shape of a cell, so that the box has its height before the font is measured.
const CELL_WIDTH = 0.602;
const CELL_HEIGHT = 1.29;

export function TerminalView({ agentId, name, mayType, blocked, running, fill = false, keys = true, onSeat }: Props) {
  const keyOf = useKeyOf('Terminal');
  const box = useRef<HTMLDivElement>(null);
  const seatButton = useRef<HTMLButtonElement>(null);
  const parts = useRef<{ terminal: Terminal; link: TerminalLink; search: SearchAddon; fit: () => void } | null>(null);
  const [state, setState] = useState<TerminalLinkState>('connecting');
  const [ended, setEnded] = useState('');
  const [seat, setSeat] = useState<Seat>({ by: null, yours: false, observers: 0 });
  const [size, setSize] = useState({ cols: 120, rows: 40 });
  const [url, setUrl] = useState<URL | null>(null);
  const [reader, setReader] = useState(false);
  const [finding, setFinding] = useState(false);
  const phone = useMedia(PHONE);
  const [fitted, setFitted] = useState(!phone && !fill);
  const fittedNow = useRef(fitted);

  useEffect(() => {
    const place = box.current;
    if (!place) return;
    let yours = false;
    const terminal = new Terminal({
      cols: 120,
      rows: 40,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'),
      fontSize: 12,
      lineHeight: 1.1,
      scrollback: 5_000,
      theme: TERMINAL_THEME,
      disableStdin: true,
      cursorBlink: false,
      cursorInactiveStyle: 'outline',
      macOptionIsMeta: true,
      minimumContrastRatio: 4.5,
      allowProposedApi: true,
      windowOptions: {},
      linkHandler: {
        allowNonHttpProtocols: false,
        activate: (_, text) => setUrl(openableUrl(text)),
      },
    });
    const search = new SearchAddon();
    terminal.loadAddon(search);
    terminal.open(place);
    const quiet = silence(terminal.parser, (data) => terminal.write(data));
    const links = linkProvider(terminal, setUrl);
    const renderer = fastRenderer(terminal);
    const sizes = new FontSearch();
    let asked = 0;
    // One look at a time, and only at what has been drawn.
    const fit = (): void => {
      asked ||= requestAnimationFrame(() => {
        asked = 0;
        const screen = place.querySelector<HTMLElement>('.xterm-screen');
        if (!screen || !place.offsetWidth || !screen.clientWidth) return;
        const now = terminal.options.fontSize ?? 12;
        const room = {
          // Bars to scroll with come and go with the size.
          width: place.offsetWidth - MARGIN_PX,
          height: place.offsetHeight - MARGIN_PX,
          cols: terminal.cols,
          rows: terminal.rows,
          least: fittedNow.current ? LEAST_PX : READABLE_PX,
        };
        const next =
          fittedNow.current || fill
            ? sizes.next(room, { now, width: screen.clientWidth, height: screen.clientHeight })
            : READABLE_PX;
        if (next !== now) {
          terminal.options.fontSize = next;
          fit();
        } else if (!fittedNow.current)
          // In a box that scrolls, the line the agent is at should be in sight.
          place.scrollTop =
            ((terminal.buffer.active.cursorY + 3) / terminal.rows) * screen.clientHeight - place.clientHeight;
      });
    };
    const resized = new ResizeObserver(fit);
    resized.observe(place);

    let fresh = true;
    const link = new TerminalLink(agentId, {
      onBytes: (bytes) => {
        // What comes first, and after every repaint frame, is the whole screen.
        if (fresh) terminal.reset();
        terminal.write(bytes, fresh ? fit : undefined);
        fresh = false;
      },
      onState: (next) => {
        if (next !== 'live') {
          fresh = true;
          yours = false;
          terminal.options.disableStdin = true;
          setSeat({ by: null, yours: false, observers: 0 });
        }
        setState(next);
      },
      onFrame: (frame) => {
        switch (frame.type) {
          case 'resize':
            terminal.resize(frame.cols, frame.rows);
            setSize({ cols: frame.cols, rows: frame.rows });
            fit();
            return;
          case 'repaint':
            fresh = true;
            return;
          case 'seat':
            setSeat({ by: frame.by, yours: frame.yours, observers: frame.observers });
            if (frame.yours && !yours) terminal.focus();
            yours = frame.yours;
            terminal.options.disableStdin = !frame.yours;
            return;
          case 'gap':
            terminal.write(`\r\n\u001b[0;2m… ${frame.reason.replaceAll(/\p{Cc}/gu, ' ')} …\u001b[0m\r\n`);
            return;
          case 'ended':
            setEnded(frame.reason);
            return;
          case 'error':
            if (frame.code === 'NO_TERMINAL') setEnded(frame.detail);
            else if (frame.code === 'SEAT_TAKEN') {
              toast(frame.detail, {
                tone: 'bad',
                action: {
                  label: t('Take it anyway'),
                  run: () => link.send({ type: 'seat', action: 'take', force: true }),
                },
              });
            } else toast(frame.detail, { tone: 'bad' });
            return;
          default:
            return;
        }
      },
    });
    const typed = terminal.onData((data) => {
      if (yours && !isReport(data)) link.type(data);
    });
    terminal.attachCustomKeyEventHandler((event) => {
      // Without the seat every key belongs to the page; with it, Shift-Escape leads out again.
      if (!yours) return false;
      if (event.key === 'Escape' && event.shiftKey) {
        if (event.type === 'keydown') seatButton.current?.focus();
        return false;
      }
      // Copying what is selected is never a keystroke for the agent.
      return !(event.key === 'c' && (event.ctrlKey || event.metaKey) && event.shiftKey);
    });
    parts.current = { terminal, link, search, fit };
    return () => {
      parts.current = null;
      link.close();
      resized.disconnect();
      cancelAnimationFrame(asked);
      for (const each of [...quiet, links, typed]) each.dispose();
      renderer.dispose();
      terminal.dispose();
    };
  }, [agentId, fill]);

  useEffect(() => {
    if (running) parts.current?.link.retryNow();
  }, [running]);
  useEffect(() => {
    if (parts.current) parts.current.terminal.options.screenReaderMode = reader;
  }, [reader]);
  useEffect(() => {
    fittedNow.current = fitted;
    parts.current?.fit();
  }, [fitted]);

  const tellSeat = useEffectEvent((yours: boolean) => onSeat?.(yours));
  useEffect(() => {
    tellSeat(seat.yours);
    return () => tellSeat(false);
  }, [seat.yours]);

  const takeSeat = () => parts.current?.link.send({ type: 'seat', action: seat.yours ? 'give' : 'take' });
  useKeys(
    'Terminal',
    mayType && keys ? { s: [t('Take the seat, or give it up'), state === 'live' ? takeSeat : null] } : {},
  );
  useNamedKeys('Terminal', mayType ? { 'shift+Escape': t('Leave the terminal, keep the seat') } : {});
  // The server counts everybody who looks, this page among them.
  const others = Math.max(0, seat.observers - 1);

  return (
    <section className={styles['frame']} data-fill={fill} aria-label={t('Terminal of {name}', { name })}>
      <header className={styles['bar']}>
        <span className={styles['state']} data-state={state}>
          <i aria-hidden="true" />
          {state === 'live'
            ? t('Live')
            : state === 'ended'
              ? t('No terminal')
              : state === 'connecting'
                ? t('Connecting')
                : t('Reconnecting')}
        </span>
        <span className={styles['seat']} data-yours={seat.yours}>
          {seat.yours
            ? t('You hold the seat')
            : seat.by
              ? t('{by} holds the seat', { by: seat.by })
              : t('Nobody holds the seat')}
        </span>
        {others > 0 && (
          <span className={styles['watching']} title={t('Others who look at this terminal now')}>
            <Icon name="eye" size={14} /> {plural(others, 'other')}
          </span>
        )}
        <span className={styles['tools']}>
          <span className={styles['size']}>
            {size.cols}×{size.rows}
          </span>
          {(phone || fill) && (
            <button type="button" onClick={() => setFitted(!fitted)} aria-pressed={fitted}>
              {fitted ? t('Enlarge') : t('Fit')}
            </button>
          )}
          <button
            type="button"
            onClick={() => setFinding(!finding)}
            aria-pressed={finding}
            title={t('Find in the terminal')}
            aria-label={t('Find in the terminal')}
          >
            <Icon name="search" size={15} />
          </button>
          <button
            type="button"
            onClick={() => setReader(!reader)}
            aria-pressed={reader}
            title={t('Screen reader mode')}
            aria-label={t('Screen reader mode')}
          >
            <Icon name="access" size={16} />
          </button>
          {mayType && (
            <Button
              ref={seatButton}
              className={styles['take'] ?? ''}
              variant={seat.yours ? 'outlined' : 'contained'}
              color={seat.yours ? 'inherit' : 'primary'}
              disabled={state !== 'live'}
              onClick={takeSeat}
              title={
                seat.yours ? t('Give up the right to type') : t('Take the right to type ({key})', { key: keyOf('s') })
              }
            >
              {seat.yours ? t('Give it up') : t('Take the seat')}
            </Button>
          )}
        </span>
      </header>
      {finding && (
        <form
          className={styles['find']}
          onSubmit={(event) => {
            event.preventDefault();
            const wanted = String(new FormData(event.currentTarget).get('text') ?? '');
            if (!parts.current?.search.findPrevious(wanted))
              toast(t('“{wanted}” is not in this terminal', { wanted }), { tone: 'info' });
          }}
        >
          <input
            name="text"
            autoFocus
            aria-label={t('Text to find')}
            placeholder={t('Find, Enter for the one before')}
            onKeyDown={(event) => event.key === 'Escape' && setFinding(false)}
          />
        </form>
      )}
      {blocked && seat.yours && (
        <p className={styles['blocked']} role="status">
          <Icon name="hand" />{' '}
          {t('The agent waits for a decision: give it here or in the inbox. The first one counts.')}
        </p>
      )}
      <div
        className={styles['screen']}
        data-terminal={seat.yours ? 'typing' : 'watching'}
        data-yours={seat.yours}
        data-fitted={fitted}
        style={fitted && !fill ? { aspectRatio: `${size.cols * CELL_WIDTH} / ${size.rows * CELL_HEIGHT}` } : undefined}
      >
        <div className={styles['box']} ref={box} />
        {state === 'ended' && (
          <div className={styles['over']}>
            <Icon name="terminal" size={22} />
            <p>{ended || t('The session has ended.')}</p>
          </div>
        )}
      </div>
      {seat.yours && (
        <p className={styles['hint']}>{t('Everything you type goes to the agent. Shift Esc leaves the terminal.')}</p>
      )}
      {url && <LinkConfirm url={url} onClose={() => setUrl(null)} />}
    </section>
  );
}
