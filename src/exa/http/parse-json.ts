import { exactNumberMark } from '../../sync/exact-number.ts';
import { AnswerTooLargeError } from './errors.ts';

/** A shorter text cannot become objects that matter. */
const harmlessLength = 256 * 1024;
/** A page of a hundred runs with a hundred results each holds about a fifth of that. */
const mostValues = 500_000;
/** A number that is longer than any that JavaScript keeps digit for digit. */
const mayHoldLongNumber = /\d{16}/;
const stringsAndNumbers = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;

/**
 * Parses JSON. Numbers that JavaScript would round are handed on digit for digit, as marked strings that the readers of
 * records know. A text of many small values is refused before they become objects, which take dozens of times its size.
 * @throws SyntaxError when it is not JSON, AnswerTooLargeError.
 */
export function parseJson(text: string): unknown {
  if (text.length > harmlessLength) refuseMultitude(text);
  const json: unknown = JSON.parse(mayHoldLongNumber.test(text) ? markLongNumbers(text) : text);
  return json;
}

function markLongNumbers(text: string): string {
  return text.replaceAll(stringsAndNumbers, (token) =>
    token.startsWith('"') || isKept(token) ? token : `"\\u0000${exactNumberMark}${token}"`,
  );
}

/** Whether JavaScript's number for it, written out, is the same number. */
function isKept(token: string): boolean {
  if (token.length < 16) return true;
  const number = Number(token);
  return (
    !/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(token) ||
    digitsOf(String(number)) === digitsOf(token)
  );
}

/** The digits that count, without sign, point, exponent and the zeros around them. */
function digitsOf(token: string): string {
  const [mantissa = ''] = token.split(/e/i);
  return mantissa.replaceAll(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
}

function refuseMultitude(text: string): void {
  let values = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === backslash) at += 1;
      else if (code === quote) inString = false;
    } else if (code === quote) inString = true;
    else if (code === comma || code === openBracket || code === openBrace) values += 1;
    if (values > mostValues) throw new AnswerTooLargeError(`it holds more than ${mostValues} values`);
  }
}

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const openBrace = 0x7b;
