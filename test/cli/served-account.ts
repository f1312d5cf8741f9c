/** A simulated account and an empty database for the real process, which tells the time by the system's clock. */
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { SimulatedAccount } from '../../src/simulator/account/account.ts';
import { systemClock } from '../../src/simulator/state/clock.ts';
import { generateAccount } from '../../src/simulator/account/generate-account.ts';
import { startSimulator, type Simulator } from '../../src/simulator/http/server.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

export const apiKey = 'exa/key+of-the-cli-4711';

export interface ServedAccount {
  readonly account: SimulatedAccount;
  readonly simulator: Simulator;
  readonly database: TestDatabase;
  /** What a command needs to find both. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface AccountSize {
  readonly monitors: number;
  readonly runsPerMonitor: number;
  readonly openRunsPerMonitor?: number;
}

export async function serveAccount(size: AccountSize): Promise<ServedAccount> {
  const account = generateAccount({ ...size, firesOnSchedule: false, clock: systemClock });
  const simulator = await startSimulator({ account, apiKey });
  onTestFinished(() => simulator.close());
  const database = await createTestDatabase('empty');
  const environment = {
    EXA_API_KEY: apiKey,
    EXA_BASE_URL: simulator.url,
    EXA_REQUESTS_PER_SECOND: '0',
    // Requests are counted: each API lists its monitors.
    EXA_APIS: 'websets',
    DATABASE_URL: database.url,
  };
  return { account, simulator, database, environment };
}

const summarySchema = z.strictObject({
  status: z.enum(['succeeded', 'partial', 'failed', 'interrupted']),
  monitors: z.strictObject({
    seen: z.number(),
    skipped: z.number(),
    walked: z.number(),
    failed: z.number(),
  }),
  runs: z.strictObject({
    inserted: z.number(),
    updated: z.number(),
    unchanged: z.number(),
    rejected: z.number(),
  }),
  requests: z.number(),
  retries: z.number(),
  durationMs: z.number(),
  error: z.string().optional(),
});

export function parseSummary(stdout: string): z.output<typeof summarySchema> {
  return summarySchema.parse(JSON.parse(stdout));
}

export async function countRuns({ database }: ServedAccount): Promise<number> {
  const [row] = await database.sql<{ count: number }[]>`select count(*)::int as count from monitor_runs`;
  return row?.count ?? 0;
}

export async function lastCycle({
  database,
}: ServedAccount): Promise<{ status: string; error: string | null }> {
  const [row] = await database.sql<{ status: string; error: string | null }[]>`
    select status, error from sync_cycles order by id desc limit 1`;
  if (row === undefined) throw new Error('there is no cycle');
  return row;
}
