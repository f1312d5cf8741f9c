import postgres from 'postgres';
import { InterruptedError, SkipMonitorError, StopCycleError, toError } from '../sync/errors.ts';
import {
  ConnectError,
  ConnectionSettingError,
  connectErrors,
  NoHostError,
  ServerRefusedError,
} from '../postgres/errors.ts';
import { BlockedError } from '../warehouse/connection/blocked.ts';
import { noAnswer } from '../warehouse/connection/deadline.ts';
import { describeInOneLine } from './describe-in-one-line.ts';

/** An error whose message says all that a person needs: what it has inside changes none of its words. */
export class WordedError extends Error {
  override readonly name: string = 'WordedError';
}

/** The warehouse cannot be used; the message names the setting to look at and never the password. */
export class DatabaseUnavailableError extends WordedError {
  override readonly name = 'DatabaseUnavailableError';
}

/** Where it was tried to connect. */
export interface DatabaseTarget {
  /** What to look at: `DATABASE_URL`, or the embedded server. */
  readonly setting: string;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly database: string;
}

const reasons: Readonly<Record<string, (target: DatabaseTarget) => string>> = {
  ECONNREFUSED: (target) => `cannot connect to ${at(target)}: connection refused`,
  ENOTFOUND: (target) => `cannot connect to ${at(target)}: the host name is not known`,
  EAI_AGAIN: (target) => `cannot connect to ${at(target)}: the host name could not be looked up`,
  ETIMEDOUT: (target) => `cannot connect to ${at(target)}: no answer in time`,
  [noAnswer]: (target) =>
    `${at(target)} did not answer in time: it is overloaded, stopped, or waits for a lock`,
  CONNECT_TIMEOUT: (target) => `cannot connect to ${at(target)}: no answer in time`,
  EHOSTUNREACH: (target) => `cannot connect to ${at(target)}: the host cannot be reached`,
  ENETUNREACH: (target) => `cannot connect to ${at(target)}: the network cannot be reached`,
  ENOENT: (target) => `cannot connect to ${at(target)}: there is no such socket`,
  [connectErrors.notPostgres]: (target) =>
    `cannot connect to ${at(target)}: what listens there closes every connection, as if it were no Postgres`,
  ECONNRESET: (target) => `${at(target)} reset the connection`,
  EPIPE: (target) => `${at(target)} closed the connection`,
  CONNECTION_CLOSED: (target) => `${at(target)} closed the connection`,
  CONNECTION_ENDED: (target) => `${at(target)} closed the connection`,
  CONNECTION_DESTROYED: (target) => `${at(target)} closed the connection`,
  '28P01': (target) => `${at(target)} refuses the password of user "${target.user}"`,
  '3D000': (target) => `${at(target)} has no database "${target.database}"`,
  '53300': (target) => `${at(target)} has no free connection, and a cycle needs three at once`,
  '57P01': (target) =>
    `${at(target)} has ended the connection: it shuts down, or an administrator asked for it`,
  '57P02': (target) => `${at(target)} has crashed and starts again`,
  '57P03': (target) => `${at(target)} is starting up or shutting down`,
};

/**
 * What was thrown while a database was worked with, in words: a failure of the database names the setting to look at and
 * what went wrong; anything else stays as it is. The one place where such failures get their words.
 */
export function inWords(error: unknown, target: DatabaseTarget): Error {
  return isDatabaseFailure(error) ? createDatabaseError(error, target) : toError(error);
}

/** Does work with a database; what it throws comes `inWords`. */
export async function failInWords<T>(target: DatabaseTarget, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw inWords(error, target);
  }
}

/** The failure to connect, or to set up what is needed, as an error that says what to do. */
export function createDatabaseError(error: unknown, target: DatabaseTarget): DatabaseUnavailableError {
  return new DatabaseUnavailableError(`${target.setting}: ${describe(error, target)}`, { cause: error });
}

function describe(error: unknown, target: DatabaseTarget): string {
  if (error instanceof ConnectionSettingError) return error.message;
  if (error instanceof NoHostError) {
    const lines = error.failures.map(({ host, port, error: failure }) =>
      describe(failure, { ...target, host, port: String(port) }),
    );
    return [...new Set(lines)].join('; ');
  }
  if (error instanceof BlockedError) return `${at(target)}: ${describeInOneLine(error)}`;
  const reason = reasons[findCode(error)];
  if (reason !== undefined) return reason(target);
  if (error instanceof ConnectError) return `cannot connect to ${at(target)}: ${error.message}`;
  return `${at(target)}: ${describeInOneLine(error)}`;
}

/** Whether an error came from talking to Postgres. The engine's own errors may have a network error of the API's inside. */
function isDatabaseFailure(error: unknown): boolean {
  const worded = [WordedError, StopCycleError, SkipMonitorError, InterruptedError];
  if (worded.some((type) => error instanceof type)) return false;
  const types = [
    postgres.PostgresError,
    ServerRefusedError,
    ConnectError,
    ConnectionSettingError,
    NoHostError,
    BlockedError,
  ];
  return types.some((type) => error instanceof type) || findCode(error) !== '';
}

/** The first known code of an error and its causes; empty when there is none. */
function findCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string' && error.code in reasons) return error.code;
  return findCode(error.cause);
}

function at(target: DatabaseTarget): string {
  return target.host.includes('/') ? target.host : `${target.host}:${target.port}`;
}
