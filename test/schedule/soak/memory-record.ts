import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKeptBytes } from './kept-bytes.ts';
import type { Measurement, ServiceProcess } from './service-process.ts';

const firstCycle = 10;

/** What a service process takes, from its tenth cycle on: once a day of 24 cycles, and at its last. Sizes in bytes. */
export class MemoryRecord {
  readonly #measured: Measurement[] = [];
  keptAtTenth = Number.NaN;
  keptAtLast = Number.NaN;

  /** `cycles`: so many has this process run. */
  async look(service: ServiceProcess, cycles: number): Promise<void> {
    if (cycles % 24 === firstCycle) this.#measured.push(await service.measure());
    if (cycles === firstCycle) this.keptAtTenth = await measureKept(service);
  }

  async lookAtLast(service: ServiceProcess): Promise<void> {
    this.#measured.push(await service.measure());
    this.keptAtLast = await measureKept(service);
  }

  /** The heap without machine code. */
  get dataAtTenth(): number {
    return dataOf(this.#measured[0]);
  }

  get dataAtLast(): number {
    return dataOf(this.#measured.at(-1));
  }

  get heapAtTenth(): number {
    return this.#measured[0]?.heapBytes ?? Number.NaN;
  }

  get heapAtLast(): number {
    return this.#measured.at(-1)?.heapBytes ?? Number.NaN;
  }

  describe(): string {
    const values = this.#measured.map(
      ({ heapBytes, codeBytes }) => `${megabytes(heapBytes)} (${megabytes(codeBytes)})`,
    );
    return `MB on the heap (machine code of it): ${values.join(', ')}; kept by the program: ${megabytes(this.keptAtTenth)} at the tenth cycle, ${megabytes(this.keptAtLast)} at the last`;
  }
}

function dataOf(measured: Measurement | undefined): number {
  return measured === undefined ? Number.NaN : measured.heapBytes - measured.codeBytes;
}

async function measureKept(service: ServiceProcess): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'exa-monitor-sync-soak-'));
  try {
    const path = join(directory, 'service.heapsnapshot');
    await service.writeSnapshot(path);
    return await readKeptBytes(path);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(2);
}
