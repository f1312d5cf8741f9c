import { createHash } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';

/** Hash algorithms by the signature algorithm of a certificate, an object identifier in hexadecimal (RFC 5929). */
const hashes: Readonly<Record<string, string>> = {
  '2a864886f70d010104': 'sha256',
  '2a864886f70d010105': 'sha256',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a864886f70d01010e': 'sha224',
  '2a8648ce3d0401': 'sha256',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
};

/**
 * What names this encrypted connection (`tls-server-end-point`): the hash of the server's certificate. Null when it is not
 * encrypted, or the certificate is signed in a way that has no such hash.
 */
export function computeChannelBinding(socket: Duplex): Buffer | null {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined) return null;
  const hash = hashes[readSignatureAlgorithm(certificate.raw)];
  return hash === undefined ? null : createHash(hash).update(certificate.raw).digest();
}

/** Certificate ::= SEQUENCE { the signed part, SEQUENCE { OBJECT IDENTIFIER, … }, … } */
function readSignatureAlgorithm(der: Buffer): string {
  const certificate = readElement(der, 0);
  const signedPart = readElement(der, certificate.start);
  const algorithm = readElement(der, signedPart.end);
  const identifier = readElement(der, algorithm.start);
  return der.toString('hex', identifier.start, identifier.end);
}

/** Where the content of a DER element begins and ends. */
function readElement(der: Buffer, at: number): { start: number; end: number } {
  const first = der.readUInt8(at + 1);
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const lengthBytes = first & 0x7f;
  const start = at + 2 + lengthBytes;
  return { start, end: start + der.readUIntBE(at + 2, lengthBytes) };
}
