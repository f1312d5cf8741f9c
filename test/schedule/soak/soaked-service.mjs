/**
 * The built service in a process whose clock and firings a test commands over IPC: `{ id, do, nowMs }` is answered with
 * `{ id, … }`. Ends by itself when nothing holds it any more, as the real process has to.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { getHeapCodeStatistics, writeHeapSnapshot } from 'node:v8';
import { sql } from 'drizzle-orm';
import { collectDefaultMetrics } from 'prom-client';
import { createLogger } from '../../../dist/cli/create-logger.js';
import { bringUpToDate } from '../../../dist/app/upkeep/tables.js';
import { openWarehouse } from '../../../dist/app/open-warehouse.js';
import { runService } from '../../../dist/app/service/run-service.js';
import { createScreen } from '../../../dist/cli/terminal/screen.js';
import { AccountMemory } from '../../../dist/app/sources/open-sources.js';
import { parseConfig } from '../../../dist/config/parse-config.js';
import { createHttpGet } from '../../../dist/exa/http/http-get.js';
import { createDispatcher } from '../../../dist/exa/http/dispatcher.js';
import { Metrics } from '../../../dist/schedule/http/metrics.js';
import { createOccurrences } from '../../../dist/schedule/occurrences.js';

/** Waits of the service take a hundredth of their time, and move its clock by all of it. */
const haste = 100;

let nowMs = 0;

class WatchedMetrics extends Metrics {
  skipped = null;

  observeSkipped(reason) {
    super.observeSkipped(reason);
    this.skipped = reason;
  }
}

async function startService() {
  const stopped = new AbortController();
  const surroundings = {
    workingDirectory: process.cwd(),
    signal: stopped.signal,
    get: createHttpGet(createDispatcher({})),
    fetch: globalThis.fetch,
    clock: { now: () => nowMs },
    sleep: async (ms, signal) => {
      await delay(ms / haste, undefined, { signal }).catch(() => undefined);
      nowMs += ms;
    },
    random: () => 0.5,
    host: 'soak',
    pid: process.pid,
  };
  const config = parseConfig({ flags: {}, environment: process.env, dotenv: {} }, ['exaApiKey']);
  const screen = createScreen(process.stderr);
  const logger = createLogger({ level: config.logLevel, screen, redact: (text) => text });
  const warehouse = await openWarehouse(config, surroundings, logger);
  await bringUpToDate(warehouse, logger, stopped.signal);
  await openAllConnections(warehouse.database, config.syncConcurrency);
  const metrics = new WatchedMetrics([]);
  collectDefaultMetrics({ register: metrics.registry });
  let fire = null;
  const loadAccounts = () => Promise.resolve(config.accounts);
  const memory = new AccountMemory();
  const setup = { config, warehouse, surroundings, logger, loadAccounts, memory };
  const started = createDeferred();
  const running = runService({
    setup,
    metrics,
    redact: (text) => text,
    occurrences: createOccurrences(config.syncCron, config.syncTimezone),
    startFiring: (onFire) => {
      fire = onFire;
      started.resolve();
      return () => {
        fire = null;
      };
    },
  });
  await Promise.race([started.promise, running]);
  return {
    // The clock of the test waits for a cycle that still runs, such as the one that catches up after a start.
    fire: async () => {
      do {
        metrics.skipped = null;
        await fire();
        if (metrics.skipped === 'running') await delay(10);
      } while (metrics.skipped === 'running');
    },
    stop: async () => {
      stopped.abort();
      await running;
      await warehouse.close();
    },
  };
}

/** A connection is opened when it is first needed, and stays: how many there are says nothing of what cycles leave behind. */
async function openAllConnections(database, concurrency) {
  const wait = () => database.transaction((tx) => tx.execute(sql`select pg_sleep(0.2)`));
  await Promise.all(Array.from({ length: concurrency + 2 }, wait));
}

function createDeferred() {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

let service = null;

const commands = {
  start: async () => {
    service = await startService();
  },
  fire: () => service.fire(),
  stop: async () => {
    await service.stop();
    service = null;
  },
  /** Sizes after everything that can go has gone. */
  measure: async () => {
    for (let round = 0; round < 3; round += 1) {
      globalThis.gc();
      await delay(20);
    }
    const { heapUsed: heapBytes } = process.memoryUsage();
    const { code_and_metadata_size: codeBytes } = getHeapCodeStatistics();
    return { heapBytes, codeBytes };
  },
  snapshot: ({ path }) => writeHeapSnapshot(path),
};

async function obey({ id, do: wanted, nowMs: given, ...details }) {
  nowMs = given;
  try {
    process.send({ id, error: null, answer: (await commands[wanted](details)) ?? null });
  } catch (error) {
    process.send({ id, error: String(error.stack), answer: null });
  }
}

process.on('message', (message) => {
  // Nobody is answered any more: with the channel goes the last thing that may hold the process.
  if (message.do === 'leave') process.disconnect();
  else void obey(message);
});
