/** Exa's published descriptions of both APIs, written out again: what answers are held against. */
import { z } from 'zod';

const instant = z.iso.datetime();

export const documentedRun = z.strictObject({
  id: z.string().min(1),
  object: z.literal('monitor_run'),
  status: z.enum(['created', 'running', 'completed', 'canceled', 'failed']),
  monitorId: z.string().min(1),
  type: z.enum(['search', 'refresh']),
  completedAt: instant.nullable(),
  failedAt: instant.nullable(),
  failedReason: z.string().nullable(),
  canceledAt: instant.nullable(),
  createdAt: instant,
  updatedAt: instant,
});

const entity = z.union([
  z.strictObject({ type: z.enum(['company', 'person', 'article', 'research_paper']) }),
  z.strictObject({ type: z.literal('custom'), description: z.string().min(2).max(200) }),
]);

export const documentedMonitor = z.strictObject({
  id: z.string().min(1),
  object: z.literal('monitor'),
  status: z.enum(['enabled', 'disabled']),
  websetId: z.string().min(1),
  cadence: z.strictObject({
    cron: z.string().regex(/^(\S+ ){4}\S+$/u),
    timezone: z.string().default('Etc/UTC'),
  }),
  behavior: z.strictObject({
    type: z.literal('search'),
    config: z.strictObject({
      query: z.string().min(2).max(10_000).optional(),
      criteria: z
        .array(z.strictObject({ description: z.string().min(2).max(1000) }))
        .max(5)
        .optional(),
      entity: entity.optional(),
      count: z.number().positive(),
      behavior: z.enum(['override', 'append']).default('append'),
    }),
  }),
  lastRun: documentedRun.nullable(),
  nextRunAt: instant.nullable(),
  metadata: z.record(z.string(), z.string().max(1000)),
  createdAt: instant,
  updatedAt: instant,
});

const event = { id: z.string().min(1), object: z.literal('event'), createdAt: instant };

export const documentedEvent = z.discriminatedUnion('type', [
  z.strictObject({ ...event, type: z.literal('monitor.created'), data: documentedMonitor }),
  z.strictObject({ ...event, type: z.literal('monitor.run.created'), data: documentedRun }),
  z.strictObject({ ...event, type: z.literal('monitor.run.completed'), data: documentedRun }),
]);

export function documentedPage<T extends z.ZodType>(row: T) {
  return z.strictObject({ data: z.array(row), hasMore: z.boolean(), nextCursor: z.string().nullable() });
}

/** The fields that the error body may have; this server sends them all but `tag`. */
export const documentedError = z.strictObject({
  statusCode: z.number().int(),
  timestamp: instant,
  message: z.string().min(1),
  error: z.string().min(1),
  path: z.string().startsWith('/'),
  requestId: z.string().startsWith('req_'),
});

export const documentedTeam = z.strictObject({
  object: z.literal('team'),
  id: z.string(),
  name: z.string(),
  concurrency: z.strictObject({ active: z.int(), queued: z.int() }),
  limits: z.strictObject({ maxConcurrent: z.int().nullable(), maxQueued: z.int().nullable() }),
});

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
