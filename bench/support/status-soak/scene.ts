/** A short play with one agent in which the truth is known at every moment; it begins and ends with the agent at rest. */
import type { Stage } from './stage.ts';

export interface Scene {
  name: string;
  /** How often it is chosen, against the others. */
  weight: number;
  play(stage: Stage): Promise<void>;
}
