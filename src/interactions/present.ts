import { describeDestination } from '../clients/index.ts';
import type { Account } from '../directory/index.ts';
import type { Requester, SignedInAccount } from './pages.ts';
import type { Step } from './step.ts';

/** Names are claims of the client; only the destination is a fact, because that is where the browser will go. */
export function presentRequester(
  client: { clientId: string; clientName?: string | undefined },
  redirectUri: string,
): Requester {
  const { place, kind } = describeDestination(redirectUri);
  // Parsed, not compared: schemes and hosts may be spelled in any case.
  const id = URL.parse(client.clientId);
  const documentHost = id?.protocol === 'https:' ? id.host : undefined;
  return {
    name: client.clientName ?? place,
    destination: place,
    destinationKind: kind,
    loopback: kind === 'loopback',
    ...(documentHost && { documentHost }),
  };
}

export function presentAccount({ href }: Step, { name, email }: Account): SignedInAccount {
  return { name, email, changeHref: `${href}?account=another` };
}
