import type { Api, Endpoint, Fault, FaultHook, FaultRequest } from './faults.ts';
import { createRandom } from '../state/random.ts';

/** Faults as plain data, for a simulator in another process. */
export interface FaultPlan {
  /** Of the rules that have a probability. */
  readonly seed?: number;
  /** The first rule that applies decides. */
  readonly rules: readonly FaultRule[];
}

/** A request must meet every condition that is given. */
interface FaultRule {
  readonly fault: Fault;
  readonly api?: Api;
  readonly endpoint?: Endpoint;
  readonly monitorId?: string;
  readonly runId?: string;
  readonly page?: 'first' | 'later';
  /** The first and last ordinal, both included. */
  readonly fromOrdinal?: number;
  readonly toOrdinal?: number;
  /** At most so many times. */
  readonly times?: number;
  /** 0 to 1; default 1. */
  readonly probability?: number;
}

export function createFaultPlan(plan: FaultPlan): FaultHook {
  const random = createRandom(plan.seed ?? 1);
  const used = new Map<FaultRule, number>();
  return (request) => {
    const rule = plan.rules.find(
      (candidate) =>
        meets(request, candidate) &&
        (used.get(candidate) ?? 0) < (candidate.times ?? Number.POSITIVE_INFINITY) &&
        (candidate.probability === undefined || random() < candidate.probability),
    );
    if (rule === undefined) {
      return null;
    }
    used.set(rule, (used.get(rule) ?? 0) + 1);
    return rule.fault;
  };
}

function meets(request: FaultRequest, rule: FaultRule): boolean {
  return (
    (rule.api === undefined || rule.api === request.api) &&
    (rule.endpoint === undefined || rule.endpoint === request.endpoint) &&
    (rule.monitorId === undefined || rule.monitorId === request.monitorId) &&
    (rule.runId === undefined || rule.runId === request.runId) &&
    (rule.page === undefined || (rule.page === 'first') === (request.cursor === null)) &&
    request.ordinal >= (rule.fromOrdinal ?? 1) &&
    request.ordinal <= (rule.toOrdinal ?? Number.POSITIVE_INFINITY)
  );
}
