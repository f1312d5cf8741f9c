import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { pathOf, readText } from './files.ts';

const folder = 'docs/deploy/systemd';
const units = await readdir(pathOf(folder));
const analyze = '/usr/bin/systemd-analyze';

function valueOf(unit: string, key: string): string {
  return new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? '';
}

function codesOf(unit: string, key: string): readonly number[] {
  return valueOf(unit, key).split(' ').map(Number);
}

test.each(units.filter((name) => name.endsWith('.service')))(
  '%s starts a command and gives it time to end',
  async (name) => {
    const unit = await readText(`${folder}/${name}`);

    expect(valueOf(unit, 'ExecStart')).toMatch(
      /^\/usr\/local\/bin\/exa-monitor-sync (schedule|sync --json)$/,
    );
    expect(Number(valueOf(unit, 'TimeoutStopSec'))).toBeGreaterThan(30);
  },
);

test('a wrong configuration is not tried again; being stopped is no failure, a lock that is held neither', async () => {
  const service = await readText(`${folder}/exa-monitor-sync.service`);
  const once = await readText(`${folder}/exa-monitor-sync-once.service`);
  const { usage, lockHeld, interrupted, terminated } = exitCodes;

  expect(codesOf(service, 'RestartPreventExitStatus')).toEqual([usage]);
  expect(codesOf(service, 'SuccessExitStatus')).toEqual([interrupted, terminated]);
  expect(codesOf(once, 'SuccessExitStatus')).toEqual([lockHeld, interrupted, terminated]);
});

test('the timer starts a unit that is there', () => {
  for (const timer of units.filter((name) => name.endsWith('.timer'))) {
    expect(units).toContain(timer.replace(/timer$/, 'service'));
  }
});

test.runIf(existsSync(analyze))('systemd finds nothing wrong with the units', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'exa-monitor-sync-units-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const name of units) {
    const unit = await readText(`${folder}/${name}`);
    // The program is not installed here, and a file that is missing would be all that systemd says.
    await writeFile(join(directory, name), unit.replaceAll('/usr/local/bin/exa-monitor-sync', '/bin/true'));
  }
  const paths = units.map((name) => join(directory, name));
  const { stdout, stderr } = await promisify(execFile)(analyze, ['verify', ...paths]);
  const aboutOurs = `${stdout}${stderr}`.split('\n').filter((line) => line.includes(directory));

  expect(aboutOurs).toEqual([]);
});
