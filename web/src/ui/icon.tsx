/** The app's icons: 24-pixel strokes, one path each, drawn here so that no icon font or package is loaded. */
import type { CSSProperties } from 'react';
import { t } from '../words/words.ts';

const PATHS = {
  overview: 'M4 5h7v6H4zM4 15h7v4H4zM15 5h5v4h-5zM15 13h5v6h-5z',
  inbox: 'M3 13h5l1.5 3h5L16 13h5M5.5 5h13L21 13v5a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-5z',
  workflow: 'M5 4v9a3 3 0 0 0 3 3h5M5 8h8M13 5h6v6h-6zM13 13h6v6h-6z',
  execution: 'M4 12h4l3-7 4 14 3-7h3',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5',
  search: 'M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM20 20l-4-4',
  keyboard: 'M3 7h18v10H3zM7 11h.01M11 11h.01M15 11h.01M8 14h8',
  terminal: 'M4 5h16v14H4zM7.5 9.5 10 12l-2.5 2.5M12.5 14.5h4',
  check: 'M5 12.5 10 17 19 7.5',
  cross: 'M6 6l12 12M18 6 6 18',
  alert: 'M12 4 2.8 19.5h18.4zM12 10v4M12 16.8v.2',
  clock: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 8v4.5l3 1.8',
  pause: 'M9 6v12M15 6v12',
  play: 'M7 5l12 7-12 7z',
  stop: 'M7 7h10v10H7z',
  restart: 'M20 5v5h-5M19.4 10A8 8 0 1 0 20 14',
  question: 'M9 9.2a3 3 0 1 1 4.6 2.5c-1 .7-1.6 1.2-1.6 2.6M12 17.4v.2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z',
  hand: 'M7 12V6.5a1.5 1.5 0 0 1 3 0V11M10 11V4.8a1.5 1.5 0 0 1 3 0V11M13 11V5.8a1.5 1.5 0 0 1 3 0V13M16 9.8a1.5 1.5 0 0 1 3 0V15c0 3.6-2.4 6-6 6-3 0-4.7-1.4-6-4l-2.4-4.4c-.6-1.6 1.3-2.6 2.4-1.2L7 12',
  dot: 'M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
  ring: 'M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14z',
  dash: 'M6 12h12',
  spinner: 'M12 4a8 8 0 0 1 8 8',
  signalOff: 'M4 4l16 16M8.5 15.5a5 5 0 0 1 6 0M5 12a10 10 0 0 1 4-2.3M19 12a10 10 0 0 0-5-2.6M12 19h.01',
  hourglass: 'M7 4h10M7 20h10M8 4v3.5L12 12l4-4.5V4M8 20v-3.5L12 12l4 4.5V20',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  agent: 'M5 9h14v10H5zM12 9V5M9 13.5v1.5M15 13.5v1.5M2.5 13v3M21.5 13v3',
  globe: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM4 12h16M12 4c5 5 5 11 0 16-5-5-5-11 0-16z',
  branch: 'M12 4l7 8-7 8-7-8z',
  transform: 'M8 5c-3 0-1 7-4 7 3 0 1 7 4 7M16 5c3 0 1 7 4 7-3 0-1 7-4 7',
  map: 'M4 5h7v6H4zM8 8h7v6H8M12 11h7v8h-7z',
  bell: 'M6 16V11a6 6 0 1 1 12 0v5l2 2H4zM10 21h4',
  nested: 'M4 4h16v16H4zM9 9h6v6H9z',
  arrowRight: 'M5 12h14M13 6l6 6-6 6',
  chevronRight: 'M9 5l7 7-7 7',
  chevronDown: 'M5 9l7 7 7-7',
  chevronUp: 'M5 15l7-7 7 7',
  sun: 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  download: 'M12 4v11M7.5 10.5 12 15l4.5-4.5M5 20h14',
  external: 'M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z',
  send: 'M4 12l16-8-6 16-3-7z',
  fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  loop: 'M17 3l3.5 3.5L17 10M4 11.5v-1a4 4 0 0 1 4-4h12M7 21l-3.5-3.5L7 14M20 12.5v1a4 4 0 0 1-4 4H4',
  menu: 'M4 7h16M4 12h16M4 17h16',
  access:
    'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 7.500v.2M8 10.500l4 .8 4-.8M12 11.300v2.400l-2 3.600M12 13.700l2 3.600',
  user: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.5 20c1-4 4-6 7.5-6s6.500 2 7.500 6',
  usage: 'M5 19v-7M12 19V5M19 19v-4',
  edit: 'M4 20l.8-4L16 4.800l3.200 3.200L8 19.200zM13.500 7.300l3.200 3.200',
  file: 'M6 3.500h8l4 4V20.500H6zM14 3.500v4h4M9 12h6M9 15.500h6',
  plus: 'M12 5v14M5 12h14',
  undo: 'M8 5 4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3',
  redo: 'M16 5l4 4-4 4M20 9H10a6 6 0 0 0 0 12h3',
  arrange: 'M4 9.500h5v5H4zM15 4h5v5h-5zM15 15h5v5h-5zM9 12h3M12 6.500h3M12 6.500v11M12 17.500h3',
  group: 'M4 7V4h3M17 4h3v3M20 17v3h-3M7 20H4v-3M8.500 8.500h7v7h-7z',
  note: t('M5 4h14v10l-5 6H5zM19 14h-5v6M8.500 8.500h7M8.500 12h4'),
  wrap: 'M4 6h16M4 12h13a3 3 0 0 1 0 6h-4M15.500 15.500 13 18l2.500 2.500M4 18h5',
  link: 'M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1.500 1.500M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1.500-1.500',
  compare: 'M4 5h6v14H4zM14 5h6v14h-6zM7 9v6M17 9v6',
  upload: 'M12 16V5M7.500 9.500 12 5l4.500 4.500M5 20h14',
  alignLeft: 'M4 4v16M8 7h11v4H8zM8 14h7v4H8z',
  alignTop: 'M4 4h16M7 8h4v11H7zM14 8h4v7h-4z',
  alignCenter: 'M12 3v18M5 7h14v4H5zM8 14h8v4H8z',
  alignMiddle: 'M3 12h18M7 5h4v14H7zM14 8h4v8h-4z',
  spreadAcross: 'M4 5v14M20 5v14M9.500 8h5v8h-5z',
  spreadDown: 'M5 4h14M5 20h14M8 9.500h8v5H8z',
  wall: 'M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z',
  desk: 'M4 5h16v14H4zM13 5v14M13 12h7',
  shrink: 'M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5',
  columns: 'M4 5h16v14H4zM10 5v14M15 5v14',
  bookmark: 'M7 4h10v16l-5-4-5 4z',
  trash: 'M5 7h14M10 4h4M7 7l1 13h8l1-13',
} as const;

export type IconName = keyof typeof PATHS;

interface Props {
  name: IconName;
  size?: number;
  className?: string | undefined;
  style?: CSSProperties;
}

export function Icon({ name, size = 16, className, style }: Props) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={name === 'dot' ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      className={`pm-icon ${className ?? ''}`}
      {...(style ? { style } : {})}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
