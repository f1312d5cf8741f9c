/** The body of an answer. It is decoded and parsed only for who asks for that. */
export class AnswerBody {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** What is not UTF-8 becomes U+FFFD. */
  text(): string {
    return new TextDecoder().decode(this.bytes);
  }

  /** @throws SyntaxError when it is not JSON. */
  json(): unknown {
    return JSON.parse(this.text());
  }
}
