import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../src/simulator', import.meta.url));

/** From what stands by itself to what needs all the others; each room may import from those before it. */
const rooms = ['state', 'answers', 'websets', 'search', 'account', 'http', 'process'];

describe('the rooms of the simulator', () => {
  it('are known, and hold at most fifteen files', () => {
    expect(readdirSync(source).toSorted()).toEqual(rooms.toSorted());
    for (const room of rooms) {
      expect(readdirSync(`${source}/${room}`).length).toBeLessThanOrEqual(15);
    }
  });

  it('import one way, and the two APIs know nothing of each other', () => {
    const against = rooms.flatMap((room, place) =>
      readdirSync(`${source}/${room}`).flatMap((file) => {
        const text = readFileSync(`${source}/${room}/${file}`, 'utf8');
        const imported = [...text.matchAll(/from '\.\.\/(\w+)\//gu)].map(([, from = '']) => from);
        return imported
          .filter((from) => rooms.indexOf(from) >= place || (room === 'search' && from === 'websets'))
          .map((from) => `${room}/${file} imports from ${from}`);
      }),
    );
    expect(against).toEqual([]);
  });
});
