import type { Account } from '../../config/settings.ts';
import type { Config } from '../../config/settings.ts';
import type { ExaApi } from '../../config/value-schemas.ts';
import { RateBudget } from '../../exa/http/rate-budget.ts';
import type { RequestEvent, SourceRequestEvent } from '../../exa/http/request-event.ts';
import { ListLimits } from '../../exa/list-limits.ts';
import { createSearchSource, createWebsetsSource, type ExaSource } from '../../exa/source.ts';
import { createAnswerCounter } from '../../sync/answer-counter.ts';
import { WordedError } from '../database-failure.ts';
import type { Surroundings } from '../surroundings.ts';
import type { AskedAccount } from './check-account.ts';

type SourceConfig = Pick<
  Config,
  'exaApis' | 'exaBaseUrl' | 'exaPageSize' | 'exaTimeoutMs' | 'exaRequestsPerSecond' | 'syncOutputs'
>;

/** Which of the sources are read; null: all. */
export interface SourceSelection {
  readonly account: string | null;
  readonly api: ExaApi | null;
}

export const allSources: SourceSelection = { account: null, api: null };

/** What is known of accounts from one cycle to the next: how fast they may be asked, and what they have taught. */
export class AccountMemory {
  readonly #rates = new Map<string, RateBudget>();
  readonly limits = new ListLimits();

  /** The pace holds across cycles and for all APIs of an account. */
  rateOf(
    account: string,
    { exaRequestsPerSecond }: SourceConfig,
    { clock, sleep }: Pick<Surroundings, 'clock' | 'sleep'>,
  ): RateBudget {
    const known = this.#rates.get(account);
    if (known !== undefined) return known;
    const rate = new RateBudget({ requestsPerSecond: exaRequestsPerSecond, clock, sleep });
    this.#rates.set(account, rate);
    return rate;
  }
}

export interface OpenedSource {
  readonly account: string;
  /** How the API is asked with the key of the account, whatever for. */
  readonly asked: AskedAccount;
  readonly api: ExaApi;
  readonly source: ExaSource;
}

export interface SourceOptions {
  readonly config: SourceConfig;
  readonly surroundings: Surroundings;
  readonly accounts: readonly Account[];
  readonly memory: AccountMemory;
  readonly selection: SourceSelection;
  readonly onRequest?: (event: SourceRequestEvent) => void;
}

/** The selected sources, for one cycle. @throws WordedError when the selection has none. */
export function openSources(options: SourceOptions): readonly OpenedSource[] {
  const { config, surroundings, memory, selection, onRequest = () => undefined } = options;
  const { get, clock, sleep, random, signal } = surroundings;
  const accounts = options.accounts.filter(({ name }) => name === (selection.account ?? name));
  const apis = config.exaApis.filter((api) => api === (selection.api ?? api));
  if (accounts.length * apis.length === 0) throw nothingSelected(options);
  const answers = createAnswerCounter();
  return accounts.flatMap((account) => {
    const { name, apiKey, keyName } = account;
    const shared = {
      baseUrl: config.exaBaseUrl,
      apiKey,
      keyName,
      get,
      clock,
      sleep,
      random,
      signal,
      rate: memory.rateOf(name, config, surroundings),
      limits: memory.limits,
      pageSize: config.exaPageSize,
      answers,
      timeoutMs: config.exaTimeoutMs,
    };
    const tellOf = (api: ExaApi) => (event: RequestEvent) => onRequest({ ...event, account: name, api });
    // Whose key it is stands in the Websets API.
    const asked = { ...account, options: { ...shared, onEvent: tellOf('websets') } };
    return apis.map((api) => {
      const own = { ...shared, onEvent: tellOf(api) };
      const source =
        api === 'websets'
          ? createWebsetsSource(own)
          : createSearchSource({ ...own, outputs: config.syncOutputs });
      return { account: name, asked, api, source };
    });
  });
}

function nothingSelected({ accounts, config, selection }: SourceOptions): WordedError {
  const { account, api } = selection;
  const names = accounts.map(({ name }) => name).join(', ');
  if (account !== null && !accounts.some(({ name }) => name === account))
    return new WordedError(`--account: there is no account ${account}, only ${names}`);
  return new WordedError(`--api: ${api} is not among EXA_APIS (${config.exaApis.join(', ')})`);
}
