import { type ChangedPolicy, findDocumentHost, isWelcomeHost, type Revocation } from './vocabulary/index.ts';

type Entry = Extract<Revocation, ChangedPolicy>;

/** The parts of a token that are looked at. */
interface JudgedToken {
  readonly clientId?: string;
  readonly organizationRole: string;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** What the issuer's configuration allows since it changed: one entry for each part of it, the newest. */
export class ChangedPolicies {
  readonly #parts = new Map<string, Entry>();

  get size(): number {
    return this.#parts.size;
  }

  /** One that comes again, or out of its order, changes nothing. */
  add(entry: Entry): void {
    const key = keyOf(entry.about, entry.resource, entry.id);
    const known = this.#parts.get(key);
    if (known && known.at > entry.at) return;
    this.#parts.set(key, { ...entry, until: Math.max(entry.until, known?.until ?? 0) });
  }

  refuses(token: JudgedToken): boolean {
    if (this.#parts.size === 0) return false;
    return this.#meant(token).some((part) => token.issuedAt <= part.at && !hasPlaceFor(part, token));
  }

  forgetBefore(oldest: number): void {
    for (const [key, { until }] of this.#parts) if (until < oldest) this.#parts.delete(key);
  }

  #meant({ clientId, organizationRole, claims }: JudgedToken): Entry[] {
    // As the token spells it: whoever moved may protect another URL by now.
    const audiences = [claims?.aud ?? []].flat().map(String);
    const keys = [
      keyOf('client', undefined, clientId),
      keyOf('documents'),
      ...audiences.flatMap((aud) => [keyOf('resource', aud), keyOf('role', aud, organizationRole)]),
    ];
    return keys.flatMap((key) => this.#parts.get(key) ?? []);
  }
}

function hasPlaceFor({ about, served, scopes, ...hosts }: Entry, token: JudgedToken): boolean {
  if (about === 'documents') return hasPlaceForClient({ served, ...hosts }, token.clientId ?? '');
  return served && (scopes === undefined || token.scopes.every((scope) => scopes.includes(scope)));
}

function hasPlaceForClient({ served, allow = [], deny = [], except = [] }: Partial<Entry>, clientId: string): boolean {
  const host = findDocumentHost(clientId);
  if (host === undefined || except.includes(clientId)) return true;
  return served === true && isWelcomeHost(host, { allow, deny });
}

function keyOf(about: ChangedPolicy['about'], resource = '', id = ''): string {
  return [about, resource, id].join('\n');
}
