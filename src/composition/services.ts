import type { Config } from '../config/index.ts';
import { createIsCurrent, createRevocationFeed } from '../connections/index.ts';
import { createPageParts } from '../http/index.ts';
import { createOwnKeySet } from '../keys/index.ts';
import { createMessages } from '../messages/index.ts';
import {
  connectionTtl,
  createAuthorizationParameters,
  createReadOwnAccessToken,
  createRequestLimits,
} from '../provider/index.ts';
import { createCatalogue, createKnowsRole, createRoles } from '../resources/index.ts';
import { createConfirmPassword, createSubmitSignIn } from '../sign-in/index.ts';
import { type ConnectedClients, connectClients } from './clients.ts';
import { acceptDirectory } from './console.ts';
import { issuerOf } from './domain.ts';
import { createOffers } from './offered-scopes.ts';
import type { Parts } from './plugin.ts';
import { tellTakenAway } from './policy-taken-away.ts';
import { createReporting, type Reporting } from './reporting.ts';
import { isPublic, openState, type State } from './state.ts';
import { connectWaysIn } from './ways-in.ts';

/** What endpoints, pages and the provider are made with, each from those before it. */
export async function connectServices(config: Config, parts: Parts): Promise<Services> {
  const base = await openBase(config, parts);
  const people = connectPeople(base, config, parts);
  const rules = createAccessRules(base);
  const clients = connectClients({
    ...base,
    ...rules,
    network: parts.network,
    egressProxy: config.egressProxy,
  });
  const tokens = createTokenChecks({ ...base, ...people, ...rules });
  const withdrawn = await tellTakenAway({ ...base, ...rules });
  return { ...base, ...people, ...rules, ...clients, ...tokens, withdrawn };
}

export type Services = Base & People & Rules & ConnectedClients & TokenChecks & Withdrawn;

/** What needs to know neither people nor clients. */
async function openBase(config: Config, parts: Parts): Promise<Base> {
  const { policy } = config;
  const issuer = issuerOf(config);
  const reporting = createReporting(config, parts);
  const state = await openState(config, parts, reporting);
  const messages = createMessages({ languages: policy.languages, own: policy.messages });
  const pages = createPageParts({ issuer, brand: policy.brand, messages, derive: state.vault.derive });
  return { ...reporting, ...state, ...pages, issuer, policy, isPublic: isPublic(config) };
}

type Base = Reporting &
  State &
  ReturnType<typeof createPageParts> &
  Pick<Config, 'policy'> & { readonly issuer: string; readonly isPublic: boolean };

/** Who they are, and how they prove it. */
function connectPeople(base: Base, { mail, egressProxy }: Config, parts: Parts) {
  const own = acceptDirectory(parts.directory, base.events);
  const people = connectWaysIn({ ...base, own, mail, egressProxy });
  return {
    ...people,
    confirmPassword: createConfirmPassword({ ...base, ...people }),
    submitSignIn: createSubmitSignIn({ ...base, ...people }),
  };
}

/** What can be approved, by whom, and what of earlier approvals still holds. */
function createAccessRules({ policy, issuer }: Base) {
  const catalogue = createCatalogue(policy.resources, issuer);
  return {
    catalogue,
    narrowToRole: createRoles(policy.roles),
    knowsRole: createKnowsRole(policy.roles),
    ...createOffers(policy, catalogue),
  };
}

type People = ReturnType<typeof connectPeople>;
type Rules = ReturnType<typeof createAccessRules>;
type TokenChecks = ReturnType<typeof createTokenChecks>;
type Withdrawn = { readonly withdrawn: Awaited<ReturnType<typeof tellTakenAway>> };

/** How long tokens are good, what can end one before, and how it is seen that one has ended. */
function createTokenChecks(parts: Base & People & Rules) {
  const { policy, storage, signing } = parts;
  return {
    isCurrent: createIsCurrent(parts),
    readOwnAccessToken: createReadOwnAccessToken(parts),
    ownKeys: createOwnKeySet(signing),
    feed: createRevocationFeed(storage),
    parameters: createAuthorizationParameters(),
    limits: createRequestLimits(parts),
    connectionTtl: connectionTtl(policy.lifetimes),
    accessTokenTtl: policy.lifetimes.accessToken,
  };
}
