import { ApiRefusedError } from '../../../exa/http/errors.ts';
import type { RequestEvent } from '../../../exa/http/request-event.ts';
import type { Clock, MonitorSource } from '../../../sync/ports.ts';
import { describeInOneLine } from '../../../app/describe-in-one-line.ts';
import { failed, ok, skipped, warning, type Check } from './check.ts';

type Source = Pick<MonitorSource, 'listMonitors'>;

/** Beyond this, schedules that are compared with this machine's clock are judged wrongly. */
const mostSkewMs = 60_000;
const withoutAnswer = 'needs an answer of the API';

export function missingKey(): readonly Check[] {
  return [
    failed('key', 'EXA_API_KEY is not set', 'put the key of the Exa account into EXA_API_KEY'),
    skipped('clock', withoutAnswer),
  ];
}

/** Asks for one page of monitors with the key; its answer tells of the key and of the clock. */
export async function checkApi(
  open: (onEvent: (event: RequestEvent) => void) => Source,
  clock: Clock,
): Promise<readonly Check[]> {
  let answered = false;
  let skewMs: number | null = null;
  const source = open((event) => {
    if (event.type !== 'request') return;
    answered ||= event.statusClass !== 'error';
    if (event.serverDate === null) return;
    // The server wrote the date somewhere within the request, cut down to a whole second.
    const halfwayMs = clock.now() - event.durationMs / 2;
    skewMs = halfwayMs - (Date.parse(event.serverDate) + 500);
  });
  const key = await checkKey(source);
  return [key, answered ? judgeSkew(skewMs) : skipped('clock', withoutAnswer)];
}

async function checkKey(source: Source): Promise<Check> {
  try {
    const { monitors, hasMore } = await source.listMonitors(null);
    const count = `${monitors.length}${hasMore ? ' or more' : ''}`;
    return ok('key', `the API answers; this account has ${count} ${count === '1' ? 'monitor' : 'monitors'}`);
  } catch (error) {
    const advice =
      error instanceof ApiRefusedError
        ? 'look at the key and the credits of the account in the Exa dashboard'
        : 'look at EXA_BASE_URL, the network and https://status.exa.ai, then try again';
    return failed('key', describeInOneLine(error), advice);
  }
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
