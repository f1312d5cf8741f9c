import { expect, test } from 'vitest';
import { settings } from '../../src/config/settings.ts';

/** Linux gives ports from here on to outgoing connections, so that one may be taken when the server starts. */
const firstEphemeralPort = 32_768;
/** IANA has assigned no port of TCP between these two. */
const unassigned = { after: 29_168, before: 29_999 };

test('neither the port of the embedded server nor that of the demo, the next one, can be taken by chance', () => {
  const port = Number(settings.embeddedPostgresPort.default);
  for (const used of [port, port + 1]) {
    expect(used).toBeLessThan(firstEphemeralPort);
    expect(used).toBeGreaterThan(unassigned.after);
    expect(used).toBeLessThan(unassigned.before);
  }
});
