import { sql } from 'drizzle-orm';
import type { Monitor } from '../../sync/model.ts';
import { digestOfMonitor, storedDigest } from './monitor-content.ts';
import type { Transaction } from '../connection/transaction.ts';

/** Monitors that come as one value: every row costs the driver time, however little is in it. */
const perValue = 1000;

/**
 * The monitors without an absent mark, by digests of their rows. Ten thousand monitors of which none has changed are so
 * told from changed ones by one query and a few hundred kilobytes; sent to Postgres to be compared, they are megabytes.
 * Only the cycle that holds the lock writes monitors, so that it knows what has become of the rows since they were read.
 */
export class StoredMonitors {
  /** Null: changed since, or about to be. */
  readonly #digests: Map<string, string | null>;

  constructor(digests: Iterable<readonly [id: string, digest: string]>) {
    this.#digests = new Map(digests);
  }

  get size(): number {
    return this.#digests.size;
  }

  /** Those that may differ from their rows, or have none. From now on they count as stored, with content unknown. */
  takeChanged(listed: readonly Monitor[]): readonly Monitor[] {
    const changed = listed.filter((monitor) => !this.#isAsStored(monitor));
    for (const { id } of changed) this.#digests.set(id, null);
    return changed;
  }

  forget(monitorIds: readonly string[]): void {
    for (const id of monitorIds) this.#digests.delete(id);
  }

  /** Ids of those that are not among `listed`. */
  without(listed: ReadonlySet<string>): readonly string[] {
    return [...this.#digests.keys()].filter((id) => !listed.has(id));
  }

  #isAsStored(monitor: Monitor): boolean {
    const digest = this.#digests.get(monitor.id);
    return typeof digest === 'string' && digest === digestOfMonitor(monitor);
  }
}

export async function loadStoredMonitors(tx: Transaction, sourceId: number): Promise<StoredMonitors> {
  const values = await tx.execute<{ monitors: readonly (readonly [id: string, digest: string])[] }>(sql`
    select json_agg(json_build_array(id, digest)) as monitors
    from (
      select (row_number() over () - 1) / ${sql.raw(String(perValue))} as value, id, ${storedDigest} as digest
      from monitors where source_id = ${sourceId} and absent_since is null) numbered
    group by value`);
  return new StoredMonitors(values.flatMap(({ monitors }) => monitors));
}
