import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { exitCodes, type ExitCode } from '../../src/cli/exit-codes.ts';
import { watchSignals } from '../../src/cli/terminal/signals.ts';

function watch() {
  const source = new EventEmitter();
  const clock = { nowMs: 1000 };
  const exits: ExitCode[] = [];
  const interruption = watchSignals(
    source,
    () => clock.nowMs,
    (code) => exits.push(code),
  );
  return { source, clock, exits, interruption };
}

describe('a signal', () => {
  it.each([
    ['SIGHUP', exitCodes.hungUp],
    ['SIGINT', exitCodes.interrupted],
    ['SIGTERM', exitCodes.terminated],
  ])('%s asks for the end and ends with the code %i', (name, code) => {
    const { source, interruption } = watch();
    source.emit(name);
    expect(interruption.signal.aborted).toBe(true);
    expect(interruption.interruptedBy()).toBe(code);
  });

  it('asks for the end, and its copy from a wrapper such as npm asks for nothing more', () => {
    const { source, clock, exits, interruption } = watch();
    expect(interruption.interruptedBy()).toBeNull();
    source.emit('SIGINT');
    clock.nowMs += 3;
    source.emit('SIGINT');
    expect(interruption.signal.aborted).toBe(true);
    expect(interruption.interruptedBy()).toBe(exitCodes.interrupted);
    expect(exits).toEqual([]);
  });

  it('that comes again ends the process at once, also when it is another one', () => {
    const again = watch();
    again.source.emit('SIGINT');
    again.clock.nowMs += 60;
    again.source.emit('SIGINT');
    expect(again.exits).toEqual([exitCodes.interrupted]);

    const other = watch();
    other.source.emit('SIGINT');
    other.source.emit('SIGTERM');
    expect(other.exits).toEqual([exitCodes.terminated]);
  });
});
