/**
 * Addresses that mean one mailbox to every program that reads them: no lists, groups, comments or quotes, whose parsers
 * disagree, and nothing that could end a line of a header (RFC 5322 §2.2).
 */
const one = /^[^\s\p{C}@<>()[\]\\,;:"]+@[^\s\p{C}@<>()[\]\\,;:"]+$/u;

export function isMailable(address: string): boolean {
  return address.length <= 254 && one.test(address);
}
