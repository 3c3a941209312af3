import { type Actions, createPerson } from '../support/person.ts';

/** The browser that an app opens, with a person in front of it who approves. */
export interface WebBrowser {
  /** Where apps have sent the person so far. */
  readonly visits: readonly URL[];
  /** Returns at once, like the command that opens a browser. */
  open(url: URL): void;
  /** What arrives at the app's redirect URI after the last visit. */
  callback(): Promise<URL>;
}

export function createWebBrowser(origin: string, actions: Actions = {}): WebBrowser {
  const person = createPerson(origin, actions);
  const visits: URL[] = [];
  let arrival: Promise<URL> | undefined;
  return {
    visits,
    open(url) {
      visits.push(url);
      arrival = person.approves(url);
    },
    callback: () => arrival ?? Promise.reject(new Error('the browser was never opened')),
  };
}
