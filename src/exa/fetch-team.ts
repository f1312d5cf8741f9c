import { z } from 'zod';
import { SkipMonitorError, StopCycleError } from '../sync/errors.ts';
import { MalformedAnswerError } from './http/operation.ts';
import { idSchema } from './records/record-schema.ts';
import { toStorableText } from './records/storable-json.ts';
import { createRequester, type ExaSourceOptions } from './source.ts';

/** Whom a key belongs to. */
export interface Team {
  readonly id: string;
  /** Empty when the API does not say. */
  readonly name: string;
}

const teamSchema = z.object({ id: idSchema, name: z.string().nullish() });

/**
 * Asks which team the key belongs to. Null when the API does not say: an account without Websets may be refused here, and
 * a key that is refused everywhere is told of by whoever needs it for more.
 * @throws InterruptedError when asked to stop.
 */
export async function fetchTeam(options: ExaSourceOptions): Promise<Team | null> {
  const url = `${options.baseUrl.replace(/\/+$/, '')}/websets/v0/teams/me`;
  const label = 'get the team of the key';
  try {
    const requester = createRequester(options);
    const { value } = await requester.request({
      endpoint: 'get_team',
      label,
      url,
      read: parseTeam,
      notFound: null,
    });
    return value;
  } catch (error) {
    if (error instanceof SkipMonitorError || error instanceof StopCycleError) return null;
    throw error;
  }
}

function parseTeam(json: unknown): Team {
  const parsed = teamSchema.safeParse(json);
  if (!parsed.success) throw new MalformedAnswerError('the answer is not a team');
  return { id: toStorableText(parsed.data.id), name: toStorableText(parsed.data.name ?? '') };
}
