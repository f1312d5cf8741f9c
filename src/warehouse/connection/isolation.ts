/**
 * Each statement has to see what was committed before it: a lock is of no use to a transaction that goes on to read what
 * was there before it waited. A database or a role may have set another level as the default.
 */
export const isolation = 'isolation level read committed';
