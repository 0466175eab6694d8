/** `pointsman doctor`: checks of the installation, by the server when it runs, else of this machine. */
import { isPointsmanError } from '../../contract/errors.ts';
import type { RouteResponse } from '../../contract/routes.ts';
import { createApiClient } from '../api-client.ts';
import type { CommandIo } from '../command-io.ts';
import { EXIT } from '../output/exit-codes.ts';
import { statusColour } from '../output/paint.ts';
import { printable } from '../output/printable-text.ts';
import { createPrinter } from '../output/printer.ts';
import { findServer, homeDirectory } from '../server-location.ts';
import type { CommonOptions } from '../session.ts';

type Checks = RouteResponse<'getDoctor'>;

export async function doctor(io: CommandIo, options: CommonOptions): Promise<number> {
  const print = createPrinter(io);
  const { checks, by } = await runChecks(io, options);
  if (options.json) print.json(checks);
  else {
    print.note(by);
    print.table<Checks[number]>(
      [
        { title: 'CHECK', value: (check) => check.check },
        {
          title: 'STATUS',
          value: (check) => check.status,
          paint: (cell, check) => print.paint(statusColour(check.status), cell),
        },
        { title: 'DETAIL', value: (check) => check.detail },
      ],
      checks,
      'There was nothing to check.',
    );
    for (const { check, status, next } of checks)
      if (status !== 'ok' && next) print.line(`\n${printable(check)}: ${printable(next)}`);
  }
  return checks.some((check) => check.status === 'failed') ? EXIT.failed : EXIT.ok;
}

async function runChecks(io: CommandIo, options: CommonOptions): Promise<{ checks: Checks; by: string }> {
  const location = findServer(io.env, options.home);
  if (location) {
    try {
      return {
        checks: await createApiClient(location).call('getDoctor'),
        by: `Checked by the server at ${location.url}.`,
      };
    } catch (error) {
      // A server elsewhere says nothing about this machine; one of this home that hangs is itself a finding.
      if (!isPointsmanError(error, 'SERVER_UNREACHABLE') || (io.env['POINTSMAN_URL'] && options.home === undefined))
        throw error;
      const failed = {
        check: 'server',
        status: 'failed' as const,
        detail: error.message,
        next: 'See its log, then run `pointsman down` and `pointsman up`.',
      };
      return {
        checks: [failed, ...(await checkHere(io, options))],
        by: 'The server does not answer; checked this machine.',
      };
    }
  }
  return { checks: await checkHere(io, options), by: 'No server runs; checked this machine.' };
}

async function checkHere(io: CommandIo, options: CommonOptions): Promise<Checks> {
  const { localDoctor } = await import('../../server/doctor.ts');
  return await localDoctor({ home: homeDirectory(io.env, options.home) });
}
