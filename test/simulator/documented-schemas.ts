/** Exa's published description of the Websets API, written out again: what answers are held against. */
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
