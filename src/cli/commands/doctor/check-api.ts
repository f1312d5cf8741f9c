import { ApiRefusedError } from '../../../exa/http/errors.ts';
import type { RequestEvent } from '../../../exa/http/request-event.ts';
import { SourceUnavailableError } from '../../../sync/errors.ts';
import type { Clock } from '../../../sync/ports.ts';
import { describeInOneLine } from '../../../app/describe-in-one-line.ts';
import {
  AccountMemory,
  allSources,
  openSources,
  type OpenedSource,
} from '../../../app/sources/open-sources.ts';
import type { Surroundings } from '../../../app/surroundings.ts';
import type { Config } from '../../../config/settings.ts';
import type { ExaApi } from '../../../config/value-schemas.ts';
import { failed, ok, skipped, warning, type Check } from './check.ts';

/** Beyond this, schedules that are compared with this machine's clock are judged wrongly. */
const mostSkewMs = 60_000;
const withoutAnswer = 'needs an answer of the API';

function missingKey(): readonly Check[] {
  return [
    failed('key', 'EXA_API_KEY is not set', 'put the key of the Exa account into EXA_API_KEY'),
    skipped('clock', withoutAnswer),
  ];
}

/** Looks at the key of each account; the first one's answers tell of the clock. */
export async function checkAccounts(config: Config, surroundings: Surroundings): Promise<readonly Check[]> {
  if (config.accounts.length === 0) return missingKey();
  const memory = new AccountMemory();
  const checked = await Promise.all(
    config.accounts.map((account) =>
      checkAccount(
        account.name === 'default' ? 'key' : `key ${account.name}`,
        (onRequest) =>
          openSources({
            config,
            surroundings,
            accounts: [account],
            memory,
            selection: allSources,
            onRequest,
          }),
        surroundings.clock,
      ),
    ),
  );
  return [...checked.map(({ key }) => key), ...checked.slice(0, 1).map(({ clock }) => clock)];
}

/** Asks each API for one page of monitors with the key; the answers tell of the key and of the clock. */
async function checkAccount(
  name: string,
  open: (onEvent: (event: RequestEvent) => void) => readonly OpenedSource[],
  clock: Clock,
): Promise<{ readonly key: Check; readonly clock: Check }> {
  let answered = false;
  let skewMs: number | null = null;
  const sources = open((event) => {
    if (event.type !== 'request') return;
    answered ||= event.statusClass !== 'error';
    if (event.serverDate === null) return;
    // The server wrote the date somewhere within the request, cut down to a whole second.
    const halfwayMs = clock.now() - event.durationMs / 2;
    skewMs = halfwayMs - (Date.parse(event.serverDate) + 500);
  });
  const found = await Promise.all(sources.map(askForMonitors));
  return {
    key: judgeKey(name, found),
    clock: answered ? judgeSkew(skewMs) : skipped('clock', withoutAnswer),
  };
}

/** What an API says to a key. */
type Found =
  | { readonly api: ExaApi; readonly monitors: string }
  | { readonly api: ExaApi; readonly error: unknown };

async function askForMonitors({ api, source }: OpenedSource): Promise<Found> {
  try {
    const { monitors, hasMore } = await source.listMonitors(null);
    const count = `${monitors.length}${hasMore ? ' or more' : ''}`;
    return { api, monitors: `${count} ${count === '1' ? 'monitor' : 'monitors'}` };
  } catch (error) {
    return { api, error };
  }
}

/** An API that the plan does not include is no failure as long as another one answers: cycles go on without it. */
function judgeKey(name: string, found: readonly Found[]): Check {
  const failures = found.flatMap((one) => ('error' in one ? [one] : []));
  const readable = found.flatMap((one) => ('error' in one ? [] : [one]));
  const isNoted = (one: (typeof failures)[number]): boolean => one.error instanceof SourceUnavailableError;
  const worst = failures.find((one) => !isNoted(one)) ?? (readable.length === 0 ? failures[0] : undefined);
  if (worst !== undefined) {
    const advice =
      worst.error instanceof ApiRefusedError || isNoted(worst)
        ? 'look at the key, the plan and the credits of the account in the Exa dashboard'
        : 'look at EXA_BASE_URL, the network and https://status.exa.ai, then try again';
    return failed(name, describeInOneLine(worst.error), advice);
  }
  const counts = readable.map(({ api, monitors }) => (found.length > 1 ? `${monitors} (${api})` : monitors));
  const detail = `the API answers; this account has ${counts.join(' and ')}`;
  const [first] = failures;
  if (first === undefined) return ok(name, detail);
  const advice = `nothing; EXA_APIS=${readable.map(({ api }) => api).join(',')} stops asking for it`;
  return warning(name, `${detail}; ${describeInOneLine(first.error)}`, advice);
}

function judgeSkew(skewMs: number | null): Check {
  if (skewMs === null || Number.isNaN(skewMs)) return skipped('clock', "the API's answer has no date");
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const detail = `${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the API's clock`;
  if (Math.abs(skewMs) <= 2000) return ok('clock', "agrees with the API's");
  if (Math.abs(skewMs) <= mostSkewMs) return ok('clock', detail);
  return failed('clock', detail, 'set the clock of this machine (NTP): missed runs are told by it');
}

/** What Exa's plans allow, in requests a second. */
const freePlan = 10;
const paidPlan = 25;

export function checkRate(requestsPerSecond: number): Check {
  if (requestsPerSecond === 0) {
    return warning(
      'rate',
      'no limit',
      `set EXA_REQUESTS_PER_SECOND: the team's searches share what the plan allows`,
    );
  }
  const detail = `${requestsPerSecond} requests a second`;
  if (requestsPerSecond >= freePlan) {
    const advice = `the free plan allows ${freePlan} for the whole team, pay-as-you-go up to ${paidPlan}: leave something to the searches`;
    return warning('rate', detail, advice);
  }
  return ok('rate', `${detail}, of the ${freePlan} that the free plan allows a team`);
}
