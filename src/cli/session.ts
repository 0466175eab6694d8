/** What most commands begin with: a client for the server that was found, and a printer. */
import { type ApiClient, createApiClient } from './api-client.ts';
import type { CommandIo } from './command-io.ts';
import { createPrinter, type Printer } from './output/printer.ts';
import { requireServer } from './server-location.ts';

/** Options that every command which talks to a server takes. */
export interface CommonOptions {
  json?: boolean;
  home?: string;
}

export interface Session {
  api: ApiClient;
  print: Printer;
}

export function openSession(io: CommandIo, options: CommonOptions): Session {
  return { api: createApiClient(requireServer(io.env, options.home)), print: createPrinter(io) };
}

/** Where a command that needs no server reads the configuration. */
export function sourceOf(io: CommandIo, options: CommonOptions): { env: CommandIo['env']; flags: { home?: string } } {
  return { env: io.env, flags: options.home === undefined ? {} : { home: options.home } };
}
