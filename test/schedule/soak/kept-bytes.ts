import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const snapshotSchema = z.object({
  snapshot: z.object({
    meta: z.object({
      node_fields: z.array(z.string()),
      node_types: z.tuple([z.array(z.string())]).rest(z.unknown()),
    }),
  }),
  /** So many numbers for each thing on the heap as there are fields. */
  nodes: z.custom<readonly number[]>((value) => Array.isArray(value)),
});

/** What V8 makes of the program and of watching it run: machine code, bytecode, what it has learned of types and shapes. */
const kindsOfTheEngine = new Set(['code', 'hidden', 'object shape']);

/**
 * Bytes of what the program keeps, by a snapshot of its heap: objects, texts, closures and the contents of buffers.
 * The size of the heap is too blunt to show a small leak: V8 compiles function after function, for hours, and that is in it.
 */
export async function readKeptBytes(path: string): Promise<number> {
  const { snapshot, nodes } = snapshotSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
  let bytes = 0;
  for (let node = 0; node < nodes.length; node += fields.length) {
    const kind = types[0][nodes[node + type] ?? -1];
    if (kind === undefined) throw new Error(`${path} is no heap snapshot`);
    if (!kindsOfTheEngine.has(kind)) bytes += nodes[node + size] ?? 0;
  }
  return bytes;
}
