/** The report in a real browser, from a file as a reader opens it. Screenshots stay in `.vitest/report-screens/`. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadChartDrawer } from '../../src/analytics/report/drawing/draw-chart.ts';
import { renderReport } from '../../src/analytics/report/render-report.ts';
import { findChromium, howToGetChromium, launchChromium } from './chromium.ts';
import { emptyReport, hostileReport, hostileText, largeReport } from './made-report.ts';

const executablePath = await findChromium(process.env);
const isOnCi = (process.env['CI'] ?? '') !== '';
if (executablePath === null) process.stderr.write(`${howToGetChromium}\n`);

const reports = {
  empty: emptyReport(),
  hostile: hostileReport(),
  busy: largeReport(14),
  large: largeReport(),
  year: largeReport(366),
};
const screens = fileURLToPath(new URL('../../.vitest/report-screens/', import.meta.url));
const widths = { desk: 1280, phone: 390 };

let directory: string;
let browser: Browser;

interface Opened {
  readonly page: Page;
  /** Whatever the browser complained about, and whatever it asked for besides the file. */
  readonly complaints: readonly string[];
}

async function open(
  name: keyof typeof reports,
  width: number,
  colorScheme: 'light' | 'dark',
): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  const url = pathToFileURL(join(directory, `${name}.html`)).href;
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

async function findViolations(page: Page): Promise<readonly string[]> {
  // The page's policy forbids scripts in the page; this one comes by way of the debugger.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
}

describe('the browser', () => {
  it('is there where it must be', () => {
    expect(executablePath === null && isOnCi ? howToGetChromium : null).toBeNull();
  });
});

describe.skipIf(executablePath === null)('the report in a browser', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'exa-monitor-report-'));
    await mkdir(screens, { recursive: true });
    const drawChart = await loadChartDrawer();
    for (const [name, report] of Object.entries(reports)) {
      await writeFile(join(directory, `${name}.html`), renderReport(report, drawChart, '1.2.3'));
    }
    browser = await launchChromium(executablePath ?? '');
  });

  afterAll(async () => {
    await browser.close();
    await rm(directory, { recursive: true });
  });

  it.each([
    ['empty', 'light', 'desk'],
    ['hostile', 'dark', 'desk'],
    ['hostile', 'light', 'phone'],
    ['large', 'light', 'desk'],
    ['large', 'dark', 'desk'],
    ['large', 'light', 'phone'],
    ['large', 'dark', 'phone'],
    ['year', 'light', 'phone'],
  ] as const)('asks for nothing and fits the screen: %s, %s, %s', async (name, scheme, device) => {
    const { page, complaints } = await open(name, widths[device], scheme);
    await page.screenshot({ path: join(screens, `${name}-${scheme}-${device}.png`), fullPage: true });
    expect(complaints).toEqual([]);
    // Neither the page nor a table that becomes blocks on a phone may have to be scrolled sideways.
    const overflows = await page.evaluate<number[]>(
      "[document.documentElement, ...document.querySelectorAll('.scroll:has(.stacks)')].map((box) => box.scrollWidth - box.clientWidth)",
    );
    expect(overflows.filter((overflow) => overflow !== 0)).toEqual([]);
    await page.close();
  });

  it.each([
    ['empty', 'dark', 'phone'],
    ['hostile', 'light', 'desk'],
    ['busy', 'light', 'desk'],
    ['busy', 'dark', 'phone'],
  ] as const)('can be used by everybody: %s, %s, %s', async (name, scheme, device) => {
    const { page } = await open(name, widths[device], scheme);
    await page.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))");
    expect(await findViolations(page)).toEqual([]);
    await page.close();
  });

  it('shows hostile text as text and makes no element of it', async () => {
    const { page } = await open('hostile', widths.desk, 'light');
    expect(await page.locator('script, img, iframe, object, link').count()).toBe(0);
    expect(await page.locator('body').innerText()).toContain(hostileText);
    // Written from right to left it must not turn round what stands after it.
    const exposed = await page.evaluate<string[]>(`[...document.querySelectorAll('body *')]
      .filter((it) => [...it.childNodes].some((node) => node.nodeType === 3 && node.data.includes('alert(1)')))
      .filter((it) => getComputedStyle(it).unicodeBidi !== 'isolate')
      .map((it) => it.outerHTML)`);
    expect(exposed).toEqual([]);
    await page.close();
  });

  it('runs no script, should one ever get into it', async () => {
    const { page, complaints } = await open('empty', widths.desk, 'light');
    await page.evaluate(
      "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = true\">')",
    );
    await page.evaluate(
      "const s = document.createElement('script'); s.textContent = 'window.ran = true'; document.body.append(s)",
    );
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(complaints.filter((text) => text.startsWith('console:')).join('\n')).toContain(
      'Content Security Policy',
    );
    await page.close();
  });

  it('is printed light, without what only a screen can unfold, on the width of the paper', async () => {
    const { page } = await open('large', 690, 'dark');
    await page.emulateMedia({ media: 'print' });
    await page.screenshot({ path: join(screens, 'large-print.png'), fullPage: true });
    const seen = await page.evaluate<{ surface: string; details: string; overflow: number }>(`({
      surface: getComputedStyle(document.querySelector('.card')).backgroundColor,
      details: getComputedStyle(document.querySelector('details')).display,
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    })`);
    expect(seen).toEqual({ surface: 'rgb(255, 255, 255)', details: 'none', overflow: 0 });
    await page.close();
  });
});
