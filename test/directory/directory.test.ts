import { adasDirectory, adasPassword } from './a-directory.ts';
import { aDirectory } from './directory-conformance.ts';
import { onEachStore } from './each-store.ts';

onEachStore((storage) => {
  aDirectory('the local directory', async () => {
    const { directory, ada, acme, globex, initech } = await adasDirectory(storage());
    return {
      directory,
      ada,
      adasPassword,
      acme,
      globex,
      initech,
      adaLeavesAcme: () => directory.endMembership(ada.id, acme.id),
      adaBecomesViewerAtAcme: () => directory.setMembership(ada.id, acme.id, 'viewer'),
      adaIsDisabled: () => directory.disableAccount(ada.id),
      close: async () => undefined,
    };
  });
});
