import { sql, type SQL } from 'drizzle-orm';
import type { SourceAccess, SourceIdentity } from '../../sync/ports.ts';
import type { Database } from '../connection/database.ts';
import { instantOf } from '../connection/instant.ts';
import type { Transaction } from '../connection/transaction.ts';
import { syncSources } from '../schema.ts';

type SourceKey = Omit<SourceIdentity, 'id'>;

/** Of a source that the warehouse does not know: no row belongs to it. */
const unknownSourceId = 0;

/** The source as the warehouse knows it. Writes nothing; one that it does not know has an id that no row has. */
export function findSource(database: Database, key: SourceKey): Promise<SourceIdentity> {
  return database.transaction(async (tx) => {
    const [known] = await loadSources(tx, [key]);
    return known ?? { id: unknownSourceId, ...key };
  });
}

/** The rows of these sources, in their order; missing ones are made. */
export async function ensureSources(
  tx: Transaction,
  keys: readonly SourceKey[],
): Promise<readonly SourceIdentity[]> {
  const known = await loadSources(tx, keys);
  if (known.length === keys.length) return known;
  const missing = keys.filter((key) => !known.some((row) => isSame(row, key)));
  await tx
    .insert(syncSources)
    .values(missing.map(({ account, api }) => ({ account, api })))
    .onConflictDoNothing();
  return loadSources(tx, keys);
}

async function loadSources(tx: Transaction, keys: readonly SourceKey[]): Promise<readonly SourceIdentity[]> {
  const rows = await tx
    .select({ id: syncSources.id, account: syncSources.account, api: syncSources.api })
    .from(syncSources);
  return keys.flatMap((key) => rows.find((row) => isSame(row, key)) ?? []);
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

export function recordReadable(sourceId: number, at: string): SQL {
  return sql`
    update sync_sources
    set readable_at = ${at}::timestamptz, asked_at = ${at}::timestamptz, unavailable_since = null,
      unavailable_reason = null
    where id = ${sourceId}`;
}

export function recordUnavailable(sourceId: number, reason: string, at: string): SQL {
  return sql`
    update sync_sources
    set unavailable_since = coalesce(unavailable_since, ${at}::timestamptz), unavailable_reason = ${reason},
      asked_at = ${at}::timestamptz
    where id = ${sourceId}`;
}
