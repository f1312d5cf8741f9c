import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { linesOf, makeDirectory, runCommand } from './command-line.ts';
import { serveAccount } from './served-account.ts';

describe('report', () => {
  it('writes one file, prints its path and says what was synced', async () => {
    const { environment, account } = await serveAccount({ monitors: 3, runsPerMonitor: 40 });
    await runCommand(['sync'], { environment });
    const directory = await makeDirectory();
    const { exitCode, stdout, stderr } = await runCommand(['report'], { environment, directory });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    const path = join(directory, 'exa-monitor-report.html');
    expect(linesOf(stdout)).toEqual([path]);
    const document = await readFile(path, 'utf8');
    expect(document).toContain('Up to date');
    for (const id of account.monitorIds()) expect(document).toContain(id);
  });

  it('takes days, a monitor and a file, and opens it with what the desktop opens such files with', async () => {
    const { environment, account } = await serveAccount({ monitors: 2, runsPerMonitor: 3 });
    await runCommand(['sync'], { environment });
    const directory = await makeDirectory();
    const programs = join(directory, 'programs');
    const opened = join(directory, 'opened');
    await mkdir(programs);
    for (const name of ['xdg-open', 'open']) {
      await writeFile(join(programs, name), `#!/bin/sh\necho "$1" > '${opened}'\n`);
      await chmod(join(programs, name), 0o755);
    }
    const [monitorId = ''] = account.monitorIds();
    const argv = ['report', '--days', '7', '--monitor', monitorId, '--out', 'seven days.html', '--open'];
    const PATH = `${programs}:/usr/bin:/bin`;
    const { exitCode, stdout, stderr } = await runCommand(argv, {
      environment: { ...environment, PATH },
      directory,
    });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    const path = join(directory, 'seven days.html');
    expect(linesOf(stdout)).toEqual([path]);
    await expect(readFile(path, 'utf8')).resolves.toContain(`monitor <code>${monitorId}</code>`);
    await vi.waitFor(async () => expect(await readFile(opened, 'utf8')).toBe(`${path}\n`), 10_000);
  });

  it('ends with one line when it cannot do what it was asked for', async () => {
    const { environment } = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
    const missing = await runCommand(['report'], { environment });
    expect(missing.stderr).toContain('run exa-monitor-sync migrate');
    await runCommand(['sync'], { environment });
    const unknown = await runCommand(['report', '--monitor', 'nobody'], { environment });
    expect(linesOf(unknown.stderr)).toEqual(['the warehouse has no monitor "nobody"']);
    const unwritable = await runCommand(['report', '--out', 'no/such/folder/report.html'], { environment });
    expect(linesOf(unwritable.stderr)).toHaveLength(1);
    expect(unwritable.stderr).toContain('--out: cannot write');
    expect([missing, unknown, unwritable].map(({ exitCode }) => exitCode)).toEqual([1, 1, 1]);
    const days = await runCommand(['report', '--days', '0'], { environment });
    expect(days.exitCode).toBe(2);
    expect(days.stderr).toContain('Expected a whole number from 1 to 366.');
  });
});
