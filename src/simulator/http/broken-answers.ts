import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { ApiError } from '../answers/api-error.ts';
import type { AnswerFault, Refusal } from '../answers/faults.ts';
import { retryAfterHeader } from './rate-limit.ts';

const json = 'application/json; charset=utf-8';
const html = 'text/html';

/** What a broken answer may need. */
export interface BrokenAnswerContext {
  readonly hasCursor: boolean;
  readonly hasLimit: boolean;
  readonly nowMs: number;
  /** The sound answer. @throws ApiError */
  readonly soundBody: () => string;
  /** In the words of the API that was asked. */
  readonly createRefusal: (because: Refusal) => ApiError;
}

/** Answers as the fault says. @throws ApiError where the fault is an orderly refusal. */
export function sendBroken(reply: FastifyReply, fault: AnswerFault, context: BrokenAnswerContext): unknown {
  switch (fault.kind) {
    case 'status':
      return sendStatus(reply, fault, context);
    case 'refuse':
      throw context.createRefusal(fault.because);
    case 'html200':
      return reply.type(html).send('<!doctype html><title>Just a moment</title><p>Checking your browser</p>');
    case 'emptyBody':
      return reply.type(json).send('');
    case 'nullBody':
      return reply.type(json).send('null');
    case 'withoutData':
      return reply.type(json).send('{"hasMore":false,"nextCursor":null}');
    case 'truncatedBody':
      return sendTruncated(reply, fault.framing, context.soundBody());
    case 'reset':
      reply.hijack();
      return reply.raw.socket?.resetAndDestroy();
    case 'hang':
      return reply.hijack();
    case 'refuseCursor':
      return refuse(reply, context.hasCursor, fault.status, 'Invalid cursor', context);
    case 'refuseLimit':
      return refuse(reply, context.hasLimit, 400, "Validation error: Unrecognized key: 'limit'", context);
  }
}

function sendStatus(
  reply: FastifyReply,
  fault: Extract<AnswerFault, { kind: 'status' }>,
  { nowMs }: BrokenAnswerContext,
): unknown {
  const { status, retryAfter } = fault;
  const header =
    retryAfter === undefined ? null : retryAfterHeader(retryAfter.style, retryAfter.seconds * 1000, nowMs);
  if (fault.body !== 'html') {
    throw new ApiError(status, `Simulated ${status}`, { retryAfter: header });
  }
  if (header !== null) {
    reply.header('retry-after', header);
  }
  return reply.code(status).type(html).send(encodeHtmlError(status));
}

function refuse(
  reply: FastifyReply,
  applies: boolean,
  status: number,
  message: string,
  { soundBody }: BrokenAnswerContext,
): unknown {
  if (applies) {
    throw new ApiError(status, message);
  }
  return reply.type(json).send(soundBody());
}

function sendTruncated(
  reply: FastifyReply,
  framing: 'contentLength' | 'chunked' | 'framed',
  body: string,
): unknown {
  const bytes = Buffer.from(body);
  const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
  if (framing === 'framed') {
    return reply.type(json).send(half);
  }
  reply.hijack();
  const { raw } = reply;
  const length = framing === 'contentLength' ? { 'content-length': bytes.length } : {};
  raw.writeHead(200, { ...headersOf(reply), 'content-type': json, ...length });
  raw.write(half, () => raw.socket?.end());
  return undefined;
}

/** A hijacked reply loses the headers that were set on it. */
function headersOf(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]));
}

/** What a gateway in front of the API sends. */
function encodeHtmlError(status: number): string {
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
}
