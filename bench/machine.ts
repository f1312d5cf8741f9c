import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { z } from 'zod';

/** What a run was measured on; a figure without it says nothing. */
export interface Machine {
  readonly description: string;
  readonly versions: string;
  /** Mean number of busy processes in the minute before the run: what others took from it. */
  readonly loadBefore: number;
}

const packageFile = z.object({ version: z.string(), devDependencies: z.record(z.string(), z.string()) });

export async function describeMachine(postgresVersion: string): Promise<Machine> {
  const [cpu] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const { version, devDependencies } = packageFile.parse(JSON.parse(await readFile('package.json', 'utf8')));
  const of = (name: string): string => `${name} ${devDependencies[name] ?? 'unknown'}`;
  return {
    description: `${availableParallelism()} cores (${cpu?.model.trim() ?? 'unknown'}), ${gigabytes} GB, ${platform()} ${release()}`,
    versions: `exa-monitor-sync ${version}, Node ${process.versions.node}, ${postgresVersion}, ${of('postgres')}, ${of('drizzle-orm')}`,
    loadBefore: loadavg()[0] ?? 0,
  };
}
