/** A headless Chromium for tests, found where machines have one. */
import { access, constants } from 'node:fs/promises';
import { chromium, type Browser } from 'playwright-core';

const usualPaths: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

export const howToGetChromium =
  'No Chromium was found, so the report was not opened in a browser. Install one (Debian: apt-get install chromium) or set CHROMIUM_PATH.';

/** @returns null when there is none */
export async function findChromium(environment: NodeJS.ProcessEnv): Promise<string | null> {
  const named = environment['CHROMIUM_PATH'];
  const candidates = named === undefined || named === '' ? usualPaths : [named];
  for (const path of candidates) {
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not here: the next one.
    }
  }
  return null;
}

export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
