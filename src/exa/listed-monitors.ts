import { hash } from 'node:crypto';
import type { KnownPage, MonitorPage, Paging } from '../sync/ports.ts';
import type { AnswerBody } from './answer-body.ts';
import { parseMonitor } from './parse-monitor.ts';
import { parsePage } from './parse-page.ts';

/**
 * Reads a page of the listing. One that is byte for byte the known one goes on where that did, and is not parsed
 * before its records are looked at, if ever.
 * @throws SyntaxError, MalformedAnswerError
 */
export function readListedMonitors(body: AnswerBody, known: KnownPage | undefined): MonitorPage {
  const digest = hash('sha256', body.bytes, 'base64');
  const size = body.bytes.byteLength;
  if (known?.digest === digest) {
    const { nextCursor } = known;
    const paging = { hasMore: nextCursor !== null, nextCursor };
    return new ListedMonitors({ ...paging, digest, size }, () => parsePage(body.json()).data);
  }
  const { data, hasMore, nextCursor } = parsePage(body.json());
  return new ListedMonitors({ hasMore, nextCursor, digest, size }, () => data);
}

/** A page whose records are parsed when they are first looked at. */
class ListedMonitors implements MonitorPage {
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
  readonly digest: string;
  readonly size: number;
  readonly #readData: () => readonly unknown[];
  #records: Pick<MonitorPage, 'monitors' | 'unreadable'> | null = null;

  constructor(
    { hasMore, nextCursor, digest, size }: Paging & Pick<MonitorPage, 'digest' | 'size'>,
    readData: () => readonly unknown[],
  ) {
    this.hasMore = hasMore;
    this.nextCursor = nextCursor;
    this.digest = digest;
    this.size = size;
    this.#readData = readData;
  }

  get monitors(): MonitorPage['monitors'] {
    return this.#read().monitors;
  }

  get unreadable(): MonitorPage['unreadable'] {
    return this.#read().unreadable;
  }

  #read(): Pick<MonitorPage, 'monitors' | 'unreadable'> {
    if (this.#records !== null) return this.#records;
    const parsed = this.#readData().map(parseMonitor);
    this.#records = {
      monitors: parsed.flatMap(({ monitor }) => monitor ?? []),
      unreadable: parsed.flatMap(({ unreadable }) => unreadable ?? []),
    };
    return this.#records;
  }
}
