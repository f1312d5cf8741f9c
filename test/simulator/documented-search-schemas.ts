/** Exa's published description of the Search Monitors API, written out again: what answers are held against. */
import { z } from 'zod';

const instant = z.iso.datetime();

const searchOutput = z.strictObject({
  results: z.array(z.record(z.string(), z.json())).nullable().optional(),
  content: z.json().optional(),
  grounding: z
    .array(
      z.strictObject({
        field: z.string(),
        citations: z.array(z.strictObject({ url: z.url(), title: z.string() })),
        confidence: z.enum(['low', 'medium', 'high']),
      }),
    )
    .nullable()
    .optional(),
});

export const documentedSearchRun = z.strictObject({
  id: z.string(),
  monitorId: z.string(),
  status: z.enum(['pending', 'running', 'completed', 'failed', 'cancelled']),
  output: searchOutput.nullable(),
  // An open list: copies of the description differ in it.
  failReason: z.string().nullable(),
  startedAt: instant.nullable(),
  completedAt: instant.nullable(),
  failedAt: instant.nullable(),
  cancelledAt: instant.nullable(),
  durationMs: z.int().nullable(),
  createdAt: instant,
  updatedAt: instant,
});

const outputSchema = z.union([
  z.strictObject({ type: z.literal('text'), description: z.string().optional() }),
  z.looseObject({ type: z.literal('object') }),
]);

export const documentedSearchMonitor = z.strictObject({
  id: z.string(),
  name: z.string().nullable(),
  status: z.enum(['active', 'paused', 'disabled']),
  search: z.strictObject({
    query: z.string().min(1),
    numResults: z.int().min(1).max(100).optional(),
    includeDomains: z.array(z.string()).optional(),
    excludeDomains: z.array(z.string()).optional(),
    contents: z.looseObject({}).optional(),
  }),
  trigger: z
    .strictObject({ type: z.literal('interval'), period: z.string().regex(/^\d+[hdw]$/u) })
    .nullable(),
  outputSchema: outputSchema.nullable(),
  metadata: z.record(z.string(), z.string()).nullable(),
  webhook: z.strictObject({ url: z.url(), events: z.array(z.string()).optional() }),
  nextRunAt: instant.nullable(),
  createdAt: instant,
  updatedAt: instant,
});

export function documentedSearchPage<T extends z.ZodType>(row: T) {
  return z.strictObject({
    data: z.array(row),
    hasMore: z.boolean(),
    nextCursor: z.string().nullable().optional(),
  });
}

export const documentedSearchError = z.strictObject({
  requestId: z.string().regex(/^[0-9a-f]{32}$/u),
  error: z.string().min(1),
  tag: z.string().min(1),
});

export const documentedTeam = z.strictObject({
  object: z.literal('team'),
  id: z.string(),
  name: z.string(),
  concurrency: z.strictObject({ active: z.int(), queued: z.int() }),
  limits: z.strictObject({ maxConcurrent: z.int().nullable(), maxQueued: z.int().nullable() }),
});
