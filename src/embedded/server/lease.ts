/**
 * Who uses the server is kept in the server itself: every command holds a shared advisory lock on a connection of its
 * own. A killed command loses its connection and with it the lock, so nothing stale is ever left behind, and the one
 * that can take the lock exclusively at its end is the last.
 */
import { realpath } from 'node:fs/promises';
import type postgres from 'postgres';
import { connectOnce, isNotServing, type ServerAddress } from './own-connection.ts';

/** Marks servers that this program started; one that a person started by hand in the same directory is left running. */
export const clusterName = 'exa-monitor-sync';

/** Any number will do: no one else may connect to the maintenance database. */
const lockKey = 7_227_117;

/** A command's stake in the running server. */
export interface Lease {
  readonly port: number;
  /** Aborts when the connection is gone, and with it the stake: given up, or the server has died. */
  readonly ended: AbortSignal;
  /**
   * Gives the stake up. When no other command has one, runs `stopServer` meanwhile keeping newcomers waiting until
   * the server is gone.
   */
  giveUp(stopServer: () => Promise<void>): Promise<void>;
}

/** Takes a stake in the server of this data directory; null when that server does not answer on this port. */
export async function takeLease(address: ServerAddress): Promise<Lease | null> {
  const ended = new AbortController();
  const sql = await connectOnce(address, {
    // Advisory locks are per database; this one is always there.
    database: 'postgres',
    name: 'exa-monitor-sync lease',
    onclose: () => ended.abort(),
  });
  try {
    const [row] = await sql<{ directory: string }[]>`select current_setting('data_directory') as directory`;
    const own =
      row !== undefined && (await realpath(row.directory)) === (await realpath(address.dataDirectory));
    if (own) {
      await sql`select pg_advisory_lock_shared(${lockKey})`;
      return {
        port: address.port,
        ended: ended.signal,
        giveUp: async (stopServer) => await giveUpLease(sql, stopServer),
      };
    }
  } catch (error) {
    if (!isNotServing(error)) {
      await sql.end({ timeout: 0 });
      throw error;
    }
  }
  await sql.end({ timeout: 0 });
  return null;
}

async function giveUpLease(sql: postgres.Sql, stopServer: () => Promise<void>): Promise<void> {
  try {
    await sql`select pg_advisory_unlock_shared(${lockKey})`;
    const [row] = await sql<{ last: boolean }[]>`
      select current_setting('cluster_name') = ${clusterName} and pg_try_advisory_lock(${lockKey}) as last`;
    if (row?.last === true) await stopServer();
  } catch (error) {
    // The server is gone already, or going.
    if (!isNotServing(error)) throw error;
  } finally {
    await sql.end({ timeout: 0 });
  }
}
