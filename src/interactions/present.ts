import { type DescribedClient, describeDestination } from '../clients/index.ts';
import type { Account } from '../directory/index.ts';
import type { Requester, SignedInAccount } from './pages.ts';
import type { FlowParts } from './parts.ts';
import type { Step } from './step.ts';

/** The destination is a fact, because that is where the browser will go; how far the rest is one, its identity says. */
export function presentRequester(
  { clientId, clientName }: Pick<DescribedClient, 'clientId' | 'clientName'>,
  redirectUri: string,
  { identifyClient }: Pick<FlowParts, 'identifyClient'>,
): Requester {
  const { place, kind } = describeDestination(redirectUri);
  return {
    ...identifyClient({ clientId, clientName, place }),
    destination: place,
    destinationKind: kind,
    loopback: kind === 'loopback',
  };
}

export function presentAccount({ href }: Step, { name, email }: Account): SignedInAccount {
  return { name, email, changeHref: `${href}?account=another` };
}
