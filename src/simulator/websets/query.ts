import { z } from 'zod';

const page = {
  cursor: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(25),
};

/** Event types of Exa's published description. */
const eventTypes = z.enum([
  'webset.created',
  'webset.deleted',
  'webset.paused',
  'webset.idle',
  'webset.search.created',
  'webset.search.canceled',
  'webset.search.completed',
  'webset.search.updated',
  'import.created',
  'import.completed',
  'webset.item.created',
  'webset.item.enriched',
  'monitor.created',
  'monitor.updated',
  'monitor.deleted',
  'monitor.run.created',
  'monitor.run.completed',
  'webset.export.created',
  'webset.export.completed',
]);

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const monitorsQuery = z.object({ ...page, websetId: z.string().optional() });
export const runsQuery = z.object(page);
export const eventsQuery = z.object({
  ...page,
  // One value arrives as a string, several as a list.
  types: z
    .union([eventTypes.transform((type) => [type]), z.array(eventTypes)])
    .transform((types) => new Set<string>(types))
    .optional(),
  createdAfter: instant.optional(),
  createdBefore: instant.optional(),
});
