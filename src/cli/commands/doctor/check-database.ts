import { findWrongSummaries } from '../../../warehouse/upkeep/heal-summaries.ts';
import {
  findRewoundNumber,
  inspectDatabase,
  type DatabaseFacts,
} from '../../../warehouse/upkeep/inspect-database.ts';
import { findMigrationState, newerVersion } from '../../../warehouse/upkeep/migrate.ts';
import type { MigrationState } from '../../../warehouse/upkeep/migration-journal.ts';
import { findSchemaDrift } from '../../../warehouse/upkeep/schema-drift.ts';
import { createDatabaseError } from '../../../app/database-failure.ts';
import { describeInOneLine } from '../../../app/describe-in-one-line.ts';
import type { Warehouse } from '../../../app/open-warehouse.ts';
import type { Surroundings } from '../../../app/surroundings.ts';
import { checkEncryption } from './check-encryption.ts';
import { failed, ok, skipped, warning, type Check } from './check.ts';

/** The names of the checks, for when none of them can be made. */
const names = [
  'database',
  'connections',
  'encryption',
  'rights',
  'others',
  'migrations',
  'schema',
  'summaries',
  'numbers',
] as const;
const leastVersion = 140_000;
/** One that holds the lock, one that reads, one that writes. */
const leastConnections = 3;
/** Differences that are listed; the others are counted. */
const mostShown = 5;

/** Looks at the warehouse without changing it. Closes it. */
export async function checkDatabase(
  open: () => Promise<Warehouse>,
  surroundings: Pick<Surroundings, 'signal' | 'random'>,
): Promise<readonly Check[]> {
  let warehouse: Warehouse;
  try {
    warehouse = await open();
  } catch (error) {
    return [
      failed(
        'database',
        describeInOneLine(error),
        'look at DATABASE_URL, and whether the server runs and can be reached',
      ),
      ...names.slice(1).map((name) => skipped(name, 'needs the database')),
    ];
  }
  try {
    return await inspect(warehouse, surroundings);
  } catch (error) {
    return [failed('database', createDatabaseError(error, warehouse.target).message, 'see the message')];
  } finally {
    await warehouse.close();
  }
}

async function inspect(
  warehouse: Warehouse,
  { signal, random }: Pick<Surroundings, 'signal' | 'random'>,
): Promise<readonly Check[]> {
  const { database, place } = warehouse;
  const facts = await inspectDatabase(database);
  const migrations = facts.missingRights.includes('select on schema_migrations')
    ? skipped('migrations', 'needs the rights')
    : judgeMigrations(await findMigrationState(database));
  const drift =
    migrations.state === 'ok'
      ? judgeDrift(await findSchemaDrift(database))
      : skipped('schema', 'needs the migrations');
  const encryption = await checkEncryption(warehouse, signal);
  const summaries =
    drift.state === 'ok'
      ? judgeSummaries(await findWrongSummaries(database, random()))
      : skipped('summaries', 'needs the schema');
  const numbers =
    drift.state === 'ok' && facts.missingRights.length === 0
      ? judgeNumbers(await findRewoundNumber(database))
      : skipped('numbers', 'needs the schema and the rights');
  return [
    judgeVersion(facts, place),
    judgeConnections(facts),
    encryption,
    judgeRights(facts),
    judgeOthers(facts),
    migrations,
    drift,
    summaries,
    numbers,
  ];
}

function judgeVersion(
  { version, versionNumber, encoding, user, schema }: DatabaseFacts,
  place: string,
): Check {
  if (encoding !== 'UTF8') {
    return failed(
      'database',
      `its encoding is ${encoding}`,
      `use a database with the encoding UTF8: create database … template template0 encoding 'UTF8'`,
    );
  }
  const detail = `${place}: Postgres ${version}, user ${user}, ${schema === null ? 'no schema yet' : `schema ${schema}`}`;
  if (versionNumber >= leastVersion) return ok('database', detail);
  return failed('database', detail, 'use Postgres 14 or newer');
}

function judgeConnections({ connections }: DatabaseFacts): Check {
  const detail = `${connections} to be had`;
  if (connections >= leastConnections) return ok('connections', detail);
  return failed(
    'connections',
    detail,
    `a cycle needs ${leastConnections} at once: raise the limit of the role, the database or the server`,
  );
}

function judgeRights({ missingRights, hiddenTables, isReadOnly, isStandby, user }: DatabaseFacts): Check {
  if (isStandby) {
    return failed('rights', 'the server is a standby, which takes no writes', 'connect to the primary');
  }
  if (isReadOnly) {
    return failed(
      'rights',
      'transactions are read-only here',
      `alter role ${user} set default_transaction_read_only = off, or use a role that writes`,
    );
  }
  if (missingRights.length > 0) {
    return failed(
      'rights',
      `missing: ${missingRights.join(', ')}`,
      `let the owner grant them to ${user}, or run the sync as the owner of the tables`,
    );
  }
  if (hiddenTables.length === 0) return ok('rights', 'all that the sync needs');
  return failed(
    'rights',
    `row-level security hides rows of ${hiddenTables.join(', ')} from ${user}`,
    'run the sync as the owner of the tables, or as a role with bypassrls',
  );
}

/** Who may create functions and operators there may have the sync run them. */
function judgeOthers({ schema, otherCreators, shadowingObjects }: DatabaseFacts): Check {
  if (shadowingObjects.length > 0) {
    return failed(
      'others',
      `would run in place of Postgres' own: ${shorten(shadowingObjects)}`,
      'drop them, and let nobody else create objects in the schema',
    );
  }
  if (otherCreators.length === 0) return ok('others', 'may not create objects in the schema');
  const creators = otherCreators.map((name) => (name === 'public' ? 'everybody' : name));
  return failed(
    'others',
    `may create objects in schema ${schema}: ${shorten(creators)}`,
    `revoke create on schema ${schema} from ${otherCreators.join(', ')}, or give the warehouse a schema of its own (DATABASE_SCHEMA)`,
  );
}

function judgeMigrations({ pending, isNewer }: MigrationState): Check {
  if (isNewer) return failed('migrations', newerVersion, 'install the newest version');
  if (pending.length === 0) return ok('migrations', 'all applied');
  const detail = `pending: ${pending.map(({ tag }) => tag).join(', ')}`;
  return warning('migrations', detail, 'run exa-monitor-sync migrate; sync and schedule do it too');
}

function judgeDrift(drift: readonly string[]): Check {
  if (drift.length === 0) return ok('schema', 'as the migrations made it');
  return failed('schema', shorten(drift), 'undo the change: the sync relies on these columns and indexes');
}

function judgeSummaries(wrong: readonly string[]): Check {
  if (wrong.length === 0) return ok('summaries', 'say what the runs do, as far as a quick look tells');
  return failed(
    'summaries',
    `do not say what the runs do, of monitors: ${shorten(wrong)}`,
    'run exa-monitor-sync rebuild; sync and schedule mend what they notice',
  );
}

function judgeNumbers(rewound: number | null): Check {
  if (rewound === null) return ok('numbers', 'of cycles go on beyond all that is stored');
  return warning(
    'numbers',
    `of cycles have begun anew: the next would be ${rewound}, and runs of such a cycle or a later one are stored`,
    'nothing to do: the next sync goes on beyond them',
  );
}

function shorten(findings: readonly string[]): string {
  const others = findings.length - mostShown;
  return [...findings.slice(0, mostShown), ...(others > 0 ? [`and ${others} more`] : [])].join('; ');
}
