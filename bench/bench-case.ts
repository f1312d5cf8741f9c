import type { SimulatorProcessOptions } from '../src/simulator/process/simulator-process.ts';
import type { ForkedSimulator } from '../src/simulator/process/forked-simulator.ts';
import type { PostgresServer } from './postgres-server.ts';

/** What the cases share. */
export interface Laboratory {
  readonly server: PostgresServer;
  /** How often alternating comparisons are repeated. */
  readonly rounds: number;
  startSimulator(options: Omit<SimulatorProcessOptions, 'apiKey'>): Promise<ForkedSimulator>;
  /** Tells the person who waits. */
  tell(message: string): void;
}

/** One figure against its target. */
export interface Finding {
  readonly what: string;
  /** The figure, ratio first. */
  readonly figure: string;
  readonly target: string;
  readonly met: boolean;
  /** The absolute numbers behind it. */
  readonly behind: string;
}

/** A bar of the chart. */
export interface Bar {
  readonly group: string;
  readonly label: string;
  readonly rowsPerSecond: number;
}

export interface CaseResult {
  readonly findings: readonly Finding[];
  readonly bars: readonly Bar[];
}

/** A question with a number for an answer. */
export interface BenchCase {
  /** As `--only` takes it. */
  readonly name: string;
  run(laboratory: Laboratory): Promise<CaseResult>;
}
