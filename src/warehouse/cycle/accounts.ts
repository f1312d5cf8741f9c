import { eq } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import { instantOf } from '../connection/instant.ts';
import { syncAccounts } from '../schema.ts';

/** Which team an account of the warehouse belongs to, as far as the API has told. */
export interface KnownAccount {
  readonly teamId: string | null;
  readonly teamName: string | null;
  /** Of the key that the team was asked for with. */
  readonly keyFingerprint: string | null;
  /** When the API was asked. */
  readonly identifiedAt: string | null;
}

/** Null: nothing is known of this account yet. */
export function loadAccount(database: Database, name: string): Promise<KnownAccount | null> {
  return database.transaction(async (tx) => {
    const [row] = await tx
      .select({
        teamId: syncAccounts.teamId,
        teamName: syncAccounts.teamName,
        keyFingerprint: syncAccounts.keyFingerprint,
        identifiedAt: syncAccounts.identifiedAt,
      })
      .from(syncAccounts)
      .where(eq(syncAccounts.name, name));
    if (row === undefined) return null;
    return { ...row, identifiedAt: row.identifiedAt === null ? null : instantOf(row.identifiedAt) };
  });
}

export function saveAccount(database: Database, name: string, account: KnownAccount): Promise<void> {
  return database.transaction(async (tx) => {
    await tx
      .insert(syncAccounts)
      .values({ name, ...account })
      .onConflictDoUpdate({ target: syncAccounts.name, set: account });
  });
}
