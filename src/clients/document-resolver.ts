import { Resolver } from 'node:dns/promises';

/**
 * Every address of a host, asked of the name servers of this machine. Not by `dns.lookup`: that blocks one of the few
 * threads which also hash passwords, for as long as a stranger's name server likes.
 */
export async function resolveAddresses(host: string, resolver = createResolver()): Promise<string[]> {
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const [failure] = answers.filter((answer) => answer.status === 'rejected');
  if (addresses.length === 0 && failure) throw failure.reason;
  return addresses;
}

/** The second try has twice the time of the first: together what a lookup may take (document-request.ts). */
function createResolver() {
  return new Resolver({ timeout: 500, tries: 2 });
}
