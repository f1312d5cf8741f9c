import { hasErrorCode } from './error-code.ts';

/** Whether a process of this id exists, whoever owns it and whatever it is: ids are used again. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasErrorCode(error, 'EPERM');
  }
}
