import type { HostLists } from '@bkend/mcp-gateway/vocabulary';
import { checkDocumentUrl } from './document-hosts.ts';
import { isRegisteredClientId } from './registration.ts';

interface Parts {
  readonly documents: HostLists & { readonly enabled: boolean };
  /** Those that the operator configured. */
  readonly isConfigured: (clientId: string) => boolean;
}

/**
 * Whether the configuration allows a client that people approved (R119): what it takes away counts with the next
 * request. Of one that registered itself it says nothing: when that is removed, its connections end.
 */
export function createIsAcceptedClient({ documents, isConfigured }: Parts): (clientId: string) => boolean {
  return function isAcceptedClient(clientId) {
    if (isRegisteredClientId(clientId) || isConfigured(clientId)) return true;
    if (!documents.enabled) return false;
    try {
      checkDocumentUrl(clientId, documents);
      return true;
    } catch {
      return false;
    }
  };
}
