import type { Configuration } from 'oidc-provider';
import { createAdapter } from '../adapter/index.ts';
import { createShowError, createSignOutPages } from '../interactions/index.ts';
import {
  createConfiguration,
  createFindAccount,
  createIssuance,
  createIssueAccessToken,
  createMemberships,
  refreshTokenTtl,
} from '../provider/index.ts';
import type { Services } from './services.ts';

export interface Protocol {
  readonly records: ReturnType<typeof createAdapter>;
  readonly issuance: ReturnType<typeof createIssuance>;
  readonly configuration: Configuration;
}

/** oidc-provider, told our decisions: where its records are, how tokens are issued, and all of its options. */
export function connectProtocol(services: Services): Protocol {
  const stored = storedDirectory(services);
  const memberships = createMemberships({ ...services, stored });
  const records = createAdapter({
    ...services,
    members: memberships,
    stored,
    cutoffRecords: services.cutoff.recordsOf,
    ...renewals(services),
  });
  const issuance = createIssuance({
    ...services,
    memberships,
    issueAccessToken: createIssueAccessToken(services),
    findAccount: createFindAccount(services),
  });
  const configuration = createConfiguration({
    ...services,
    adapter: records.adapter,
    hasSignedOut: services.cutoff.hasEnded,
    pages: { showError: createShowError(services), ...createSignOutPages(services) },
  });
  return { records, issuance, configuration };
}

/** Its records can be read along with those of a token. */
function storedDirectory({ directory, localDirectory }: Services) {
  return directory === localDirectory ? localDirectory : undefined;
}

function renewals({ policy: { lifetimes, limits }, clock }: Services) {
  return {
    refreshGrace: lifetimes.refreshGrace,
    renewalsPerHour: limits.renewalsPerHour,
    refreshTokenTtl: (line: Parameters<typeof refreshTokenTtl>[1]) => refreshTokenTtl(lifetimes, line, clock.seconds()),
  };
}
