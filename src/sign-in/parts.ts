import type { Clock } from '../clock.ts';
import type { Directory } from '../directory/index.ts';
import type { PageParts } from '../http/index.ts';
import type { Events } from '../operations/index.ts';
import type { Sessions } from '../sessions/index.ts';
import type { SubmitSignIn } from './form.ts';
import type { WaysIn } from './ways-in.ts';

/** What pages are made with before which somebody signs in: those of a flow, and those of the account. */
export interface PersonPageParts extends PageParts {
  readonly issuer: string;
  readonly directory: Directory;
  readonly submitSignIn: SubmitSignIn;
  readonly waysIn: WaysIn;
  readonly sessions: Sessions;
  readonly events: Events;
  readonly clock: Clock;
}
