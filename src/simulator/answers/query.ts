import type { z } from 'zod';
import { ApiError } from './api-error.ts';

/** @throws ApiError 400 that names each parameter that is wrong. */
export function parseQuery<T>(schema: z.ZodType<T>, query: unknown, complaint: string): T {
  const parsed = schema.safeParse(query);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new ApiError(400, `${complaint}: ${issues.join('; ')}`);
  }
  return parsed.data;
}
