import { eq, sql } from 'drizzle-orm';
import type { SourceAccess, SourceIdentity } from '../../sync/ports.ts';
import { instantOf } from '../connection/instant.ts';
import type { Transaction } from '../connection/transaction.ts';
import { syncSources } from '../schema.ts';

type SourceKey = Omit<SourceIdentity, 'id'>;

/** The rows of these sources, in their order; missing ones are made. */
export async function ensureSources(
  tx: Transaction,
  keys: readonly SourceKey[],
): Promise<readonly SourceIdentity[]> {
  const find = async (): Promise<readonly SourceIdentity[]> => {
    const rows = await tx
      .select({ id: syncSources.id, account: syncSources.account, api: syncSources.api })
      .from(syncSources);
    return keys.flatMap((key) => rows.find((row) => isSame(row, key)) ?? []);
  };
  const known = await find();
  if (known.length === keys.length) return known;
  const missing = keys.filter((key) => !known.some((row) => isSame(row, key)));
  await tx
    .insert(syncSources)
    .values(missing.map(({ account, api }) => ({ account, api })))
    .onConflictDoNothing();
  return find();
}

function isSame(a: SourceKey, b: SourceKey): boolean {
  return a.account === b.account && a.api === b.api;
}

/** What is known of whether each source may be used, by its id. */
export async function loadSourceAccess(tx: Transaction): Promise<ReadonlyMap<number, SourceAccess>> {
  const rows = await tx
    .select({
      id: syncSources.id,
      readableAt: syncSources.readableAt,
      unavailableSince: syncSources.unavailableSince,
      askedAt: syncSources.askedAt,
    })
    .from(syncSources);
  return new Map(
    rows.map(({ id, readableAt, unavailableSince, askedAt }) => [
      id,
      {
        readableAt: readableAt === null ? null : instantOf(readableAt),
        unavailableSince: unavailableSince === null ? null : instantOf(unavailableSince),
        askedAt: askedAt === null ? null : instantOf(askedAt),
      },
    ]),
  );
}

export async function recordReadable(tx: Transaction, sourceId: number, at: string): Promise<void> {
  await tx
    .update(syncSources)
    .set({ readableAt: at, askedAt: at, unavailableSince: null, unavailableReason: null })
    .where(eq(syncSources.id, sourceId));
}

export async function recordUnavailable(
  tx: Transaction,
  sourceId: number,
  reason: string,
  at: string,
): Promise<void> {
  await tx
    .update(syncSources)
    .set({
      unavailableSince: sql`coalesce(${syncSources.unavailableSince}, ${at}::timestamptz)`,
      unavailableReason: reason,
      askedAt: at,
    })
    .where(eq(syncSources.id, sourceId));
}
