import type { Subject } from './subject.ts';
import { connect, refresh, registerTool } from './tool.ts';

export const operationNames = ['refresh', 'flow', 'registration'] as const;
export type OperationName = (typeof operationNames)[number];

/** Does it once, and is ready to do it again. */
export type Operation = () => Promise<unknown>;

/** Gets ready for a concurrent client of its own: what is prepared here is not measured. */
export const operations: Record<OperationName, (subject: Subject, person: number) => Promise<Operation>> = {
  async refresh(subject, person) {
    const clientId = await registerTool(subject);
    let refreshToken = await connect(subject, clientId, person);
    return async () => {
      refreshToken = await refresh(subject, clientId, refreshToken);
    };
  },
  async flow(subject, person) {
    const clientId = await registerTool(subject);
    return () => connect(subject, clientId, person);
  },
  registration: async (subject) => () => registerTool(subject),
};

/** Without pages there is no flow. */
export function canDo(subject: Subject, operation: OperationName): boolean {
  return operation !== 'flow' || subject.authorize !== undefined;
}
