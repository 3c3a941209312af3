import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import type { ClientLogos, IdentifyClient } from '../clients/index.ts';
import type { Policy } from '../config/index.ts';
import type { Connections } from '../connections/index.ts';
import type { SecondStep } from '../factors/index.ts';
import type { ClientAddress } from '../http/index.ts';
import type { Catalogue, KnowsRole, NarrowToRole } from '../resources/index.ts';
import type { PersonPageParts } from '../sign-in/index.ts';
import type { RecordNames, RequestReads, Store, Unfinished, Vault } from '../storage/index.ts';
import type { LogoAddresses } from './client-logos.ts';

/** What the pages of the flow are made with. */
export interface FlowParts extends PersonPageParts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly vault: Vault;
  readonly unfinished: Unfinished;
  readonly provider: Provider;
  readonly policy: Pick<Policy, 'directory' | 'lifetimes' | 'organizationsUrl' | 'signIn'>;
  readonly catalogue: Catalogue;
  readonly narrowToRole: NarrowToRole;
  readonly knowsRole: KnowsRole;
  readonly onUnknownRole: (role: string, organization: string, client: string) => void;
  /** What a console said of somebody a moment ago: it is asked again. */
  readonly forgetAnswers: (accountId: string) => void;
  /** Where somebody may choose another password than the one that they forgot. */
  readonly passwords?: { forgottenHref(flow?: string): string | undefined } | undefined;
  readonly secondStep: SecondStep;
  readonly identifyClient: IdentifyClient;
  readonly logos: ClientLogos;
  readonly logoAddresses: LogoAddresses;
  readonly connections: Connections;
  /** What a sign-in does for the registration of the client that it is for. */
  readonly registrations: { signIn(clientId: string): Promise<void> };
  /** How long a connection lives of which nothing was redeemed, in seconds. */
  readonly connectionTtl: number;
  readonly clientAddress: ClientAddress;
  readonly reads: RequestReads;
  /** Reads what the flow needs to go on; what is known of the session counts no more. False when the flow has gone on already. */
  readonly readAnew: (ctx: Context) => Promise<boolean>;
  /** Records that the form on the page of this flow is going to ask for: a guess. */
  readonly readNext: (ctx: Context, records: readonly string[]) => void;
}
