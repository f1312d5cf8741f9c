import { z } from 'zod';
import type { RunState, UnfinishedWalk } from '../../sync/model.ts';

/** What the engine keeps in the `jsonb` columns of a checkpoint. Fields of a newer version stay as they are. */
const runStateSchema: z.ZodType<RunState> = z.looseObject({
  id: z.string(),
  status: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

const unfinishedWalkSchema: z.ZodType<UnfinishedWalk> = z.looseObject({
  kind: z.enum(['full', 'incremental', 'since']),
  cursor: z.string(),
  mark: z.string().nullable(),
  stopAt: z.string().nullable(),
  descending: z.boolean(),
  oldestCreatedAt: z.string().nullable(),
  edgeIds: z.array(z.string()).nullable().default(null),
  newestRun: runStateSchema.nullable(),
  pages: z.number(),
  pageSize: z.number().nullable().default(null),
  startedAt: z.string(),
});

/** What cannot be read counts as not known: the monitor is looked at again. */
export function parseRunState(stored: unknown): RunState | null {
  return runStateSchema.safeParse(stored).data ?? null;
}

/** What cannot be read counts as none. */
export function parseRunIds(stored: unknown): readonly string[] {
  return z.array(z.string()).safeParse(stored).data ?? [];
}

/** What cannot be read counts as no walk: the next one begins at the top. */
export function parseUnfinishedWalk(stored: unknown): UnfinishedWalk | null {
  return unfinishedWalkSchema.safeParse(stored).data ?? null;
}
