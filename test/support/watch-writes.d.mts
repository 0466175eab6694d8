import type pg from 'pg';

export function watchWrites(options: {
  tables?: string;
  sent?: (client: pg.Client, text: string) => boolean;
  written: (client: pg.Client) => boolean;
}): void;
