/** What an app keeps between two starts: JSON by name, as in a file or a keychain. */
export interface Installation {
  find<T>(name: string): T | undefined;
  keep(name: string, value: unknown): void;
  forget(...names: string[]): void;
  /** The same file, read by another process. */
  copy(): Installation;
}

export function createInstallation(kept: ReadonlyMap<string, string> = new Map()): Installation {
  const file = new Map(kept);
  return {
    find: (name) => {
      const text = file.get(name);
      return text === undefined ? undefined : JSON.parse(text);
    },
    keep: (name, value) => {
      file.set(name, JSON.stringify(value));
    },
    forget: (...names) => {
      for (const name of names) file.delete(name);
    },
    copy: () => createInstallation(file),
  };
}

/** What the libraries ask their app to forget, in the words of its file. */
export function forgetCredentials(installation: Installation, scope: string): void {
  if (scope === 'all') installation.forget('client', 'tokens', 'verifier', 'discovery');
  else installation.forget(scope);
}
