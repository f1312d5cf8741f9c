import { and, eq, gt, lte, sql, type SQL } from 'drizzle-orm';
import type { QuietListing, RecalledListing } from '../sync/ports.ts';
import { loadOpenRunStates } from './open-run-states.ts';
import { syncListing } from './schema.ts';
import type { Transaction } from './transaction.ts';

/**
 * What tells the rows of a table from what they become by any write. Each version of a row carries the number of the
 * transaction that wrote it (`xmin`): whoever changes, adds or replaces rows brings in numbers that were not there.
 */
const versionsOf = (table: string): SQL =>
  sql`(select count(*) || ' ' || coalesce(sum(xmin::text::bigint), 0) from ${sql.identifier(table)})`;

const evidence = sql`${versionsOf('monitors')} || ', ' || ${versionsOf('sync_checkpoints')}
  || ', ' || ${versionsOf('rejected_runs')}`;

/** Numbers of transactions have 64 bits, of which a row keeps these. */
const thisTransaction = sql`pg_current_xact_id()::text::bigint & 4294967295`;

/** What a cycle wants to know a listing for. */
interface Occasion {
  readonly at: string;
  readonly fullWalkDays: number;
  readonly version: string;
}

/** The remembered listing, as long as all holds on which it rests. */
export async function recallListing(
  tx: Transaction,
  { at, fullWalkDays, version }: Occasion,
): Promise<RecalledListing | null> {
  const [listing] = await tx
    .select({ pages: syncListing.pages, monitors: syncListing.monitors, evidence: syncListing.evidence })
    .from(syncListing)
    .where(
      and(
        eq(syncListing.version, version),
        eq(syncListing.fullWalkDays, fullWalkDays),
        lte(syncListing.quietFrom, at),
        gt(syncListing.quietUntil, at),
        sql`xmin::text::bigint = ${syncListing.writtenBy}`,
      ),
    );
  if (listing === undefined) return null;
  // Only now: it reads whole tables.
  const [holds] = await tx.execute(sql`select where ${evidence} = ${listing.evidence}`);
  if (holds === undefined) return null;
  return { pages: listing.pages, monitors: listing.monitors, ...(await loadOpenRunStates(tx)) };
}

export async function rememberListing(
  tx: Transaction,
  { quiet, ...listing }: QuietListing,
  version: string,
): Promise<void> {
  const row = {
    ...listing,
    version,
    quietFrom: quiet.from,
    quietUntil: quiet.until,
    evidence,
    writtenBy: thisTransaction,
  };
  await tx.insert(syncListing).values(row).onConflictDoUpdate({ target: syncListing.id, set: row });
}
