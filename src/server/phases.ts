/** What a start spends its time on; told as it happens with --verbose. */

export interface Phases {
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
  total(): number;
}

export function createPhases(tell: (line: string) => void): Phases {
  const began = performance.now();
  return {
    async run(name, work) {
      const start = performance.now();
      try {
        return await work();
      } finally {
        tell(`${name} ${Math.round(performance.now() - start)} ms`);
      }
    },
    total: () => Math.round(performance.now() - began),
  };
}
