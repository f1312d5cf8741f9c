import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { computeChannelBinding } from './channel-binding.ts';
import { createPassword, createSaslAnswer, createSaslStart } from './client-message.ts';
import { ConnectError, connectErrors } from './errors.ts';
import { createScram, type Scram } from './scram.ts';
import type { channelBindings } from './parameters.ts';

export interface Credentials {
  readonly user: string;
  /** Null: none is known. */
  readonly password: string | null;
  /** Why none is known, where that has a reason that somebody can mend. */
  readonly passwordNote: string | null;
  readonly channelBinding: (typeof channelBindings)[number];
  /** No other request is answered, and a server that asks for none is not believed. */
  readonly requiresScram: boolean;
}

const requests = { ok: 0, cleartext: 3, md5: 5, sasl: 10, saslContinue: 11, saslFinal: 12 };
const plain = 'SCRAM-SHA-256';
const bound = 'SCRAM-SHA-256-PLUS';
const otherThanScram = 'require_auth=scram-sha-256 cannot be kept: the server does not ask for SCRAM';

/** Answers the server's requests for a proof of who this is. */
export class Authentication {
  readonly #socket: Duplex;
  readonly #credentials: Credentials;
  #scram: Scram | null = null;
  #isBound = false;
  #isProven = false;

  constructor(socket: Duplex, credentials: Credentials) {
    this.#socket = socket;
    this.#credentials = credentials;
  }

  /**
   * @param body of the message `R`.
   * @throws ConnectError when there is no answer.
   */
  async answer(body: Buffer): Promise<void> {
    const request = body.readUInt32BE(0);
    const rest = body.subarray(4);
    if (request === requests.ok) return this.#accept();
    if (request === requests.sasl) return this.#startScram(rest);
    if (request === requests.saslContinue) return this.#continueScram(rest);
    if (request === requests.saslFinal) return this.#finishScram(rest);
    this.#refuseUnbound();
    if (this.#credentials.requiresScram) throw refused(otherThanScram);
    if (request === requests.cleartext) return this.#send(createPassword(this.#requirePassword()));
    if (request !== requests.md5) {
      throw refused(`the server asks for a way to log in that is not supported (${request})`);
    }
    const inner = md5(`${this.#requirePassword()}${this.#credentials.user}`);
    return this.#send(createPassword(`md5${md5(Buffer.concat([Buffer.from(inner), rest.subarray(0, 4)]))}`));
  }

  #accept(): void {
    if (this.#scram !== null && !this.#isProven)
      throw refused('the server lets in without having shown that it knows the password');
    if (this.#credentials.requiresScram && !this.#isProven) throw refused(otherThanScram);
    this.#refuseUnbound();
  }

  #startScram(body: Buffer): void {
    const offered = body.toString('utf8').split('\0');
    const { channelBinding } = this.#credentials;
    const binding = channelBinding === 'disable' ? null : computeChannelBinding(this.#socket);
    this.#isBound = binding !== null && offered.includes(bound);
    this.#refuseUnbound();
    if (!this.#isBound && !offered.includes(plain))
      throw refused('the server offers no way to log in that is supported');
    // "y" says that this side would have bound the channel: a server that offered it then knows that somebody took it out.
    const header = this.#isBound ? 'p=tls-server-end-point,,' : binding === null ? 'n,,' : 'y,,';
    const bytes = this.#isBound && binding !== null ? binding : Buffer.alloc(0);
    this.#scram = createScram(this.#requirePassword(), header, bytes);
    this.#send(createSaslStart(this.#isBound ? bound : plain, this.#scram.firstMessage));
  }

  async #continueScram(body: Buffer): Promise<void> {
    if (this.#scram === null) throw refused('the server goes on with what has not begun');
    this.#send(createSaslAnswer(await this.#scram.answer(body.toString('utf8'))));
  }

  #finishScram(body: Buffer): void {
    if (this.#scram === null) throw refused('the server ends what has not begun');
    this.#scram.verify(body.toString('utf8'));
    this.#isProven = true;
  }

  #refuseUnbound(): void {
    if (this.#credentials.channelBinding !== 'require' || this.#isBound) return;
    const reason =
      this.#socket instanceof TLSSocket ? 'the server does not offer it' : 'the connection is not encrypted';
    throw refused(`channel_binding=require cannot be kept: ${reason}`);
  }

  #requirePassword(): string {
    const { password, passwordNote } = this.#credentials;
    if (password !== null) return password;
    throw refused(
      `the server asks for a password and none is given${passwordNote === null ? '' : ` (${passwordNote})`}`,
    );
  }

  #send(message: Buffer): void {
    this.#socket.write(message);
  }
}

function refused(message: string): ConnectError {
  return new ConnectError(connectErrors.authentication, message);
}

function md5(content: string | Buffer): string {
  return createHash('md5').update(content).digest('hex');
}
