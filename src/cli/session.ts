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
