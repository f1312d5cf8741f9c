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
      /^\/opt\/exa-monitor-sync\/bin\/exa-monitor-sync (schedule|sync --json)$/,
    );
    expect(Number(valueOf(unit, 'TimeoutStopSec'))).toBeGreaterThan(30);
  },
);

test('a wrong configuration is not tried again; being stopped is no failure, a lock that is held neither', async () => {
  const service = await readText(`${folder}/exa-monitor-sync.service`);
  const once = await readText(`${folder}/exa-monitor-sync-once.service`);
  const { usage, lockHeld, hungUp, interrupted, terminated } = exitCodes;

  expect(codesOf(service, 'RestartPreventExitStatus')).toEqual([usage]);
  expect(codesOf(service, 'SuccessExitStatus')).toEqual([hungUp, interrupted, terminated]);
  expect(codesOf(once, 'SuccessExitStatus')).toEqual([lockHeld, hungUp, interrupted, terminated]);
});

test('the timer starts a unit that is there', () => {
  const timers = units.filter((name) => name.endsWith('.timer'));

  expect(timers).toEqual(['exa-monitor-sync-once.timer']);
  expect(units).toEqual(expect.arrayContaining(timers.map((name) => name.replace(/timer$/, 'service'))));
});

test('the documentation installs the program where the units look for it', async () => {
  const page = await readText('docs/deploy/README.md');
  const [, prefix = ''] = /npm install --global --prefix (\S+) exa-monitor-sync\n/.exec(page) ?? [];

  for (const name of units.filter((unit) => unit.endsWith('.service'))) {
    const unit = await readText(`${folder}/${name}`);
    expect(valueOf(unit, 'ExecStart').split(' ')[0]).toBe(`${prefix}/bin/exa-monitor-sync`);
  }
});

/** What systemd says of units, by their names; a line each. */
async function complaintsAbout(unitTexts: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'exa-monitor-sync-units-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const paths: string[] = [];
  for (const [name, text] of unitTexts) {
    paths.push(join(directory, name));
    // The program is not installed here, and a file that is missing would be all that systemd says.
    await writeFile(join(directory, name), text.replaceAll(/^ExecStart=\S+/gm, 'ExecStart=/bin/true'));
  }
  const said = await promisify(execFile)(analyze, ['verify', ...paths]).catch((error: unknown) => ({
    stdout: String(error instanceof Error && 'stdout' in error ? error.stdout : error),
    stderr: String(error instanceof Error && 'stderr' in error ? error.stderr : ''),
  }));
  // It also speaks of units of this machine.
  return `${said.stdout}\n${said.stderr}`.split('\n').filter((line) => line.includes('exa-monitor-sync'));
}

test.runIf(existsSync(analyze))('systemd finds nothing wrong with the units, and would say so', async () => {
  const texts = await Promise.all(units.map((name) => readText(`${folder}/${name}`)));
  const byName = new Map(units.map((name, index) => [name, texts[index] ?? '']));
  expect(await complaintsAbout(byName)).toEqual([]);

  for (const [name, text] of byName) {
    const wrong = text.replace(/^\[(Service|Timer)\]$/m, '$&\nNoSuchSetting=yes');
    const complaints = await complaintsAbout(new Map([...byName, [name, wrong]]));
    expect(complaints.join('\n')).toContain('NoSuchSetting');
  }
});
