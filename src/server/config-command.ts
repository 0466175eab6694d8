/** `pointsman config` and `pointsman migrate`. */
import { composeEngine } from './compose.ts';
import { type ConfigSource, loadConfig, printableConfig } from './config.ts';
import { claimHome, prepareHome } from './home.ts';
import { createPhases } from './phases.ts';

export function printConfig(source: ConfigSource = {}): Record<string, unknown> {
  return printableConfig(loadConfig(source));
}

/** Throws CONFIG_INVALID with every problem. */
export function validateConfig(source: ConfigSource = {}): void {
  loadConfig(source);
}

/** Brings the database to this version without starting anything else. */
export async function runMigrate(source: ConfigSource = {}): Promise<{ place: string }> {
  const config = loadConfig(source);
  const home = prepareHome(config.home);
  const claim = claimHome(home, new Date().toISOString());
  const quiet = () => undefined;
  try {
    const engine = await composeEngine({
      config,
      home,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      phases: createPhases(quiet),
    });
    await engine.close();
    return { place: engine.databasePlace };
  } finally {
    claim.release();
  }
}
