import { z } from 'zod';

const page = {
  cursor: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
};

export const searchRunsQuery = z.object(page);

const metadataKey = /^metadata\[(?<key>.+)\]$/u;

/** `metadata[key]=value` may come several times, with a key each. */
export const searchMonitorsQuery = z
  .looseObject({
    ...page,
    status: z.enum(['active', 'paused', 'disabled']).optional(),
    name: z.string().max(250).optional(),
  })
  .transform(({ limit, cursor, status, name, ...others }) => ({
    limit,
    cursor,
    status,
    name,
    metadata: Object.entries(others).flatMap(([parameter, value]) => {
      const key = metadataKey.exec(parameter)?.groups?.['key'];
      return key === undefined ? [] : [{ key, value: String(value) }];
    }),
  }));
