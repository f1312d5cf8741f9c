import { expect, it, vi } from 'vitest';
import { serveAccount } from './served-account.ts';
import { linesOnScreen, runOnTerminal } from './terminal.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 60_000 });

it('shows a person how far a sync is, and leaves only log lines and the summary on the screen', async () => {
  const { environment, simulator } = await serveAccount({ monitors: 4, runsPerMonitor: 600 });
  simulator.setLatencyMs(100);
  const { exitCode, written } = await runOnTerminal(['sync'], { ...environment, SYNC_CONCURRENCY: '2' });
  expect(exitCode).toBe(0);
  expect(written).toContain('listing monitors');
  expect(written).toMatch(/\d\/4 monitors {2}[\d,]+ runs {2}[\d,]+ runs\/s {2}\d+ requests/);
  expect(written).toMatch(/\d s left/);
  const screen = linesOnScreen(written).filter((line) => line !== '');
  expect(
    screen.map((line) =>
      line
        .replace(/^\[[\d:]+\] /, '')
        .split(/[:{]| after /)[0]
        ?.trim(),
    ),
  ).toEqual([
    'INFO',
    'INFO',
    'INFO',
    'INFO',
    'Sync succeeded',
    expect.stringContaining('monitors  4 seen, 4 walked'),
    expect.stringContaining('runs      2,400 inserted'),
    expect.stringContaining('requests  13'),
  ]);
});

it('fits a narrow terminal, and leaves a clean screen when it is interrupted', async () => {
  const { environment, simulator } = await serveAccount({ monitors: 4, runsPerMonitor: 2000 });
  simulator.setLatencyMs(100);
  const { exitCode, written } = await runOnTerminal(
    ['sync'],
    { ...environment, SYNC_CONCURRENCY: '2' },
    { columns: 40, interruptAt: /runs\/s/ },
  );
  expect(exitCode).toBe(130);
  const painted = written.match(/\d\/4 monitors[\w ,./]*/g) ?? [];
  expect(painted.length).toBeGreaterThan(0);
  for (const line of painted) expect(line).toMatch(/^.{1,39}$/);
  const screen = linesOnScreen(written).join('\n');
  expect(screen).toContain('Sync interrupted');
  expect(screen).not.toContain('runs/s');
});
