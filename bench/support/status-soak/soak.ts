/** Plays scenes in a seeded order with one agent until so many transitions were seen; a failure is told with all its evidence. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { makeHome, removeHome, startPointsman } from '../../../test/support/pointsman-process.ts';
import type { Workload } from '../workload.ts';
import { seededChance } from '../../../test/support/seeded-chance.ts';
import type { SoakedCli } from './soaked-clis.ts';
import { openStage, type Transition, Wrong } from './stage.ts';

/** More than this and the rest would tell nothing new. */
const FAILURES_AT_MOST = 8;

export interface SoakOptions {
  transitions: number;
  seed: number;
  /** Only the scenes whose names hold this text. */
  scene?: string;
}

export interface Soaked {
  transitions: Transition[];
  scenes: number;
  wrong: number;
  /** Scenes that went wrong otherwise: a task with another end, something done that was denied, no answer. */
  failed: number;
  prompts: { sent: number; lost: string[]; doubled: string[] };
  /** Of an event that tells no more than a changed row. */
  bareEventsMs: number[];
}

export async function soak(workload: Workload, cli: SoakedCli, options: SoakOptions): Promise<Soaked> {
  const home = makeHome();
  workload.own(() => removeHome(home));
  const workspace = path.join(home, 'work space');
  mkdirSync(workspace);
  const stub = await cli.stub();
  workload.own(() => stub.close());
  const chance = seededChance(options.seed);
  const start = async () => startPointsman({ home });
  const stage = await openStage({ cli, chance, stub, home, workspace, start });
  workload.own(() => stage.close());

  const choices = cli.scenes.filter((scene) => scene.name.includes(options.scene ?? ''));
  const found = { scenes: 0, wrong: 0, failed: 0 };
  while (stage.transitions.length < options.transitions && found.wrong + found.failed < FAILURES_AT_MOST) {
    const scene = chance.weighted(choices);
    found.scenes += 1;
    const began = Date.now();
    try {
      await scene.play(stage);
      stage.prompts();
      workload.say(
        `${cli.name} ${found.scenes}: ${scene.name} (${Date.now() - began} ms, ${stage.transitions.length} transitions)`,
      );
    } catch (error) {
      if (error instanceof Wrong) found.wrong += 1;
      else found.failed += 1;
      const told = error instanceof Error ? error.message : String(error);
      workload.say(`WRONG ${cli.name}, seed ${options.seed}, scene ${found.scenes}: ${scene.name}\n    ${told}`);
      workload.say((await stage.evidence().catch(String)).replaceAll('\n', '\n    '));
      await stage.resume();
    }
  }
  const bareEventsMs = await stage.bareEvents();
  return { ...found, transitions: stage.transitions, prompts: stage.prompts(), bareEventsMs };
}
