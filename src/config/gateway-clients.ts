import type { Finding } from './policy-checks.ts';
import { policyFileSchema } from './policy-file.ts';

/** Gateways that no client stands for: they could never follow the revocations, and would notice in production. */
export function findUnknownGatewayClients(file: unknown): Finding[] {
  const { resources, clients } = policyFileSchema.shape;
  const sections: Record<string, unknown> = typeof file === 'object' && file !== null ? { ...file } : {};
  const known = clients.safeParse(sections.clients).data;
  const protectedOnes = resources.safeParse(sections.resources).data;
  if (!known || !protectedOnes) return [];
  const secretOf = new Map(known.map((client) => [client.client_id, client.client_secret]));
  return protectedOnes.flatMap(({ client }, index) => {
    if (client === undefined || secretOf.get(client)) return [];
    const sentence = secretOf.has(client) ? 'has no client_secret in `clients`' : 'is none of `clients`';
    return [{ path: ['resources', index, 'client'], sentence }];
  });
}
