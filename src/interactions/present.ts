import { describeDestination } from '../clients/index.ts';
import type { Account } from '../directory/index.ts';
import type { Requester, SignedInAccount } from './pages.ts';
import type { Step } from './step.ts';

const explanations = {
  loopback:
    'A program on this computer takes over there. Continue only if you just started this in a tool on this computer.',
  website: 'This website takes over there. Continue only if you know it and just started this on it.',
  app: 'The app on this device that opens such addresses takes over. Continue only if you just started this in it.',
};

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
    destinationExplained: explanations[kind],
    loopback: kind === 'loopback',
    ...(documentHost && { documentHost }),
  };
}

export function presentAccount({ href }: Step, { name, email }: Account): SignedInAccount {
  return { name, email, changeHref: `${href}?account=another` };
}
