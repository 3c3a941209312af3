import type { LoadedPage } from './browser-without-a-screen.ts';

/**
 * What somebody reads on a page, or hears: labels as well. Without what is code, what says of itself that it is English, and
 * what stands in quotation marks: those are words of other programs.
 */
export function textOf({ html }: Pick<LoadedPage, 'html'>): string {
  const heard = [...html.matchAll(/(?:aria-label|title|placeholder|alt)="([^"]*)"/g)].map(([, words = '']) => words);
  const read = html
    .replace(/[\s\S]*?<title>/, '')
    .replaceAll(/<(code|svg|script)\b[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<([a-z]+)[^>]* lang="en"[^>]*>[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<[^>]*>/g, ' ');
  return [read, ...heard].join(' ').replaceAll(/“[^”]*”|“[^”]*&#34;|&#?\w+;/g, ' ');
}

const addresses =
  /[\w.+-]+@[\w.-]+|(?:https?:\/\/|\/)[\w:./-]+|[\w.-]+\.(?:example|com|ai|invalid)\b|(?:\d+\.)+\d+(?::\d+)?|\[?::1\]?|localhost(?::\d+)?/g;
export const withoutAddresses = (text: string) => text.replaceAll(addresses, ' ');

/** What those know who run a server or write a tool, and nobody else has to. */
const theirs =
  /\b(?:issuers?|redirect[ _-]ur[il]s?|client[ _]?(?:id|secret|metadata)?s?|\w*_\w+|auth\.json|config\w*|OIDC|OpenID|OAuth|grants?|tokens?|scopes?|JW[TKS]+|CIMD|metadata|endpoints?|PKCE|nonce|bearer|interaction|payload|introspection|URIs?|Redis|SMTP|[a-z]+(?::[a-z*]+)+|\*:\*)\b|클라이언트|토큰|스코프|발급자|메타데이터|엔드포인트|리디렉션|리다이렉트|설정 파일|페이로드/gi;

/** What the shipped catalogue of permissions offers, by its name. */
const offered = /access tokens|액세스 토큰/gi;

export const administratorsWords = (text: string): string[] =>
  withoutAddresses(text).replaceAll(offered, ' ').match(theirs) ?? [];
