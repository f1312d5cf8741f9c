/** A value that remembers which of its fields have been read. */
export interface Watched<T> {
  readonly value: T;
  /** Paths of the fields that nobody has asked for, such as `spec.replicsa`; not those inside of them. */
  unread(): readonly string[];
}

/** A schema's compiled validator reads every field that it knows: what it leaves unread, it does not know. */
export function watchReads<T extends object>(value: T): Watched<T> {
  const read = new Set<string>();
  return {
    value: watch(value, '', read),
    unread: () => findUnread(value, '', read),
  };
}

function watch<T extends object>(value: T, path: string, read: Set<string>): T {
  return new Proxy(value, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver);
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return found;
      read.add(join(path, key));
      return typeof found === 'object' && found !== null ? watch(found, join(path, key), read) : found;
    },
  });
}

function findUnread(value: unknown, path: string, read: ReadonlySet<string>): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    read.has(join(path, key)) ? findUnread(inner, join(path, key), read) : [join(path, key)],
  );
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
